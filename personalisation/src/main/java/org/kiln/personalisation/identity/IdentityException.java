package org.kiln.personalisation.identity;

/** Something is refused about an identity; the message says what to do. */
public final class IdentityException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    IdentityException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
