package org.kiln.kms.keys;

/** A key is missing, refused or not what it should be; the message says which and what to do, never a value. */
public final class KeyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public KeyException(String message) {
        super(message);
    }

    public KeyException(String message, Throwable cause) {
        super(message, cause);
    }
}
