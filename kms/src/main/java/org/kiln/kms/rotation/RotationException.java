package org.kiln.kms.rotation;

/** The storage keys are in another state than a step of their rotation needs; the message says what to do. */
public final class RotationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RotationException(String message) {
        super(message);
    }
}
