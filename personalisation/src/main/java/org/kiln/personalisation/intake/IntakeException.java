package org.kiln.personalisation.intake;

/** A batch cannot be taken in; the message names line, column and rule. Nothing of it was taken. */
public final class IntakeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    IntakeException(String message) {
        super(message);
    }
}
