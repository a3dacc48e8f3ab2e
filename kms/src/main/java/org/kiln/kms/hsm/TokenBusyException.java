package org.kiln.kms.hsm;

/** Every lane of the token, or the way to it, is full; the same request may succeed a moment later. */
public final class TokenBusyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TokenBusyException() {
        super("the token is busy: every lane's queue is full; try again shortly", null, false, false);
    }
}
