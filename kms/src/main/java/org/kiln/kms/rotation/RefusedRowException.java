package org.kiln.kms.rotation;

/** A row is damaged and stays as it is; the message names no key. */
public final class RefusedRowException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RefusedRowException(String message) {
        super(message);
    }
}
