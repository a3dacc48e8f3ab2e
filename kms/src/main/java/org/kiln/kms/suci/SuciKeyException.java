package org.kiln.kms.suci;

/** A home-network key that the register will not have, or not so. */
public final class SuciKeyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SuciKeyException(String message) {
        super(message);
    }
}
