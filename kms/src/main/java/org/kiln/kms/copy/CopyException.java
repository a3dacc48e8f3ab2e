package org.kiln.kms.copy;

/** A database cannot be copied to another, or is not the same as another. */
public final class CopyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CopyException(String message) {
        super(message);
    }
}
