package org.kiln.kms.hsm;

/** No token is in service; they are being probed, and come back by themselves if they can. */
public final class TokenUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TokenUnavailableException() {
        super("no token is in service; see the log for what each one answered", null, false, false);
    }
}
