package org.kiln.kms.sqn;

/**
 * The 48-bit sequence number SQN = SEQ ‖ IND (TS 33.102 Annex C.1.1.1).
 *
 * @param indLength bits of IND, 0 to 28
 */
public record Sqn(int indLength) {

    /** The usual format: SEQ of 43 bits, IND of 5. */
    public static final Sqn USUAL = new Sqn(5);

    /** Δ of TS 33.102 Annex C.2.1: how far a USIM lets SEQ jump. */
    public static final long DELTA = 1L << 28;

    static final int BITS = 48;

    public Sqn {
        if (indLength < 0 || indLength > 28) {
            throw new IllegalArgumentException("IND has 0 to 28 bits, not " + indLength);
        }
    }

    /**
     * SEQ ‖ IND.
     *
     * @throws SqnExhaustedException if SEQ is out of its range
     */
    public long of(long seq, int ind) {
        if (seq < 0 || seq > greatestSeq()) {
            throw new SqnExhaustedException(seq);
        }
        if (ind < 0 || ind >= inds()) {
            throw new IllegalArgumentException("IND " + ind + " has more than " + indLength + " bits");
        }
        return (seq << indLength) | ind;
    }

    /** SEQ of an SQN. */
    public long seq(long sqn) {
        return sqn >>> indLength;
    }

    /** IND of an SQN. */
    public int ind(long sqn) {
        return (int) (sqn & (inds() - 1));
    }

    /** How many values IND has. */
    public int inds() {
        return 1 << indLength;
    }

    public long greatestSeq() {
        return (1L << (BITS - indLength)) - 1;
    }
}
