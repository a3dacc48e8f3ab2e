package org.kiln.kms.hsm;

import org.kiln.pkcs11.Session;

/**
 * The session of a lane. Each call is watched: one that outlasts the deadline costs the lane its session, and whatever
 * a task asks of a session that is no longer open fails with {@link TokenLostException}.
 */
public interface LaneSession extends Session {

    /** The login that this session belongs to. */
    Login login();

    /**
     * Whether the lane still has this session. A session object lives as long as the session that made it: its handle
     * may be used while that one is open, and a result counts if it was still open afterwards.
     */
    boolean isOpen();

    /** @throws TokenLostException if the lane no longer has this session */
    void requireOpen();
}
