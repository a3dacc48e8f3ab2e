package org.kiln.kms.access;

/** A call that is refused for who makes it, or for how many he makes. */
public final class AccessException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;
    private final long retryAfterSeconds;

    /** @param message what the caller is told: what is wrong and what to do */
    public AccessException(Refusal refusal, String message) {
        this(refusal, message, 1);
    }

    /** @param retryAfterSeconds when he may come back */
    AccessException(Refusal refusal, String message, long retryAfterSeconds) {
        super(message, null, false, false);
        this.refusal = refusal;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** When he may come back, if he may: nobody's limit is less than one call in a second. */
    public long retryAfterSeconds() {
        return retryAfterSeconds;
    }

    public Refusal refusal() {
        return refusal;
    }
}
