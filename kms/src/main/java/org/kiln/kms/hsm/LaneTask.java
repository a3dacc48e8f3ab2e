package org.kiln.kms.hsm;

import org.kiln.pkcs11.Session;

/** Work for a {@link Lane}: runs on the lane's thread, owns the session while it runs, and must not block on others. */
@FunctionalInterface
public interface LaneTask {

    /**
     * Does the work. Whatever it throws is logged by the lane and otherwise lost, so a task reports its own failures.
     */
    void run(Session session);
}
