package org.kiln.kms.approval;

/** An act, or a decision about one, that is refused. */
public final class ApprovalException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Refusal {
        /** Nobody has asked for it, or it has not been approved, or it was done already. */
        NEEDED,
        /** There is none of this id. */
        UNKNOWN,
        /** It was decided, or its time is over. */
        NOT_PENDING,
        /** Whoever asked does not approve. */
        SAME_PERSON,
        /** The request itself is malformed. */
        MALFORMED,
        /** Its row was changed by somebody else than Kiln. */
        DAMAGED
    }

    private final Refusal refusal;

    public ApprovalException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
