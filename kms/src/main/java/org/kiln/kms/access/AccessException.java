package org.kiln.kms.access;

/** A call that is refused for who makes it, or for how many he makes. */
public final class AccessException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    /** @param message what the caller is told: what is wrong and what to do */
    public AccessException(Refusal refusal, String message) {
        super(message, null, false, false);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
