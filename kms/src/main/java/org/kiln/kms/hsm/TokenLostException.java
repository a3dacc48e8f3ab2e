package org.kiln.kms.hsm;

/** The token, or the lane, was lost while it worked on a request; another token may serve it. */
public final class TokenLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TokenLostException(String token) {
        super("token '" + token + "' was lost while it worked on a request", null, false, false);
    }
}
