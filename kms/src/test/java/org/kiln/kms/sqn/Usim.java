package org.kiln.kms.sqn;

import java.util.Arrays;

/** A USIM's check of freshness: an array of the highest SEQ accepted for each IND (TS 33.102 Annex C.2.2). */
public final class Usim {

    private final Sqn format;
    private final long delta;
    private final long limit;
    private final long[] accepted;

    /** @param limit L: how old a SEQ may be, 0 for no limit */
    public Usim(Sqn format, long delta, long limit) {
        this.format = format;
        this.delta = delta;
        this.limit = limit;
        accepted = new long[format.inds()];
    }

    /** Accepts the SQN, or refuses it with a synchronisation failure. */
    public boolean accept(long sqn) {
        long seq = format.seq(sqn);
        int ind = format.ind(sqn);
        long highest = seqMs();
        if (seq - highest > delta || (limit > 0 && highest - seq >= limit) || seq <= accepted[ind]) {
            return false;
        }
        accepted[ind] = seq;
        return true;
    }

    /** SEQ_MS: the highest that was accepted. */
    public long seqMs() {
        return Arrays.stream(accepted).max().orElseThrow();
    }

    /** Plays a network that this card has been in meanwhile. */
    public void roam(long seq) {
        accepted[0] = seq;
    }
}
