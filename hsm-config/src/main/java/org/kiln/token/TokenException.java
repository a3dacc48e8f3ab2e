package org.kiln.token;

/** A token cannot be reached or used as configured; the message says what to do next. */
public final class TokenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TokenException(String message) {
        super(message);
    }

    public TokenException(String message, Throwable cause) {
        super(message, cause);
    }
}
