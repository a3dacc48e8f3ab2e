package org.kiln.kms.sqn;

import java.util.function.LongConsumer;

/**
 * The node's ceiling: the clock reading beyond which no time-based SEQ (less its DIF) is handed out until a higher
 * ceiling is on disk. One small write every {@value #RENEWAL_TENTHS} tenths of a second serves all subscribers.
 */
public final class SqnCeiling {

    /** How far the ceiling is set ahead of the clock. */
    public static final long LEAD_TENTHS = 1200;

    /** How often it is renewed. */
    public static final long RENEWAL_TENTHS = 200;

    private final SeqClock clock;
    private final LongConsumer durable;
    private volatile long ceiling;

    /**
     * Sets and writes the first ceiling.
     *
     * @param durable writes a ceiling to disk and returns when it is there
     */
    public SqnCeiling(SeqClock clock, LongConsumer durable) {
        this.clock = clock;
        this.durable = durable;
        renew();
    }

    public long value() {
        return ceiling;
    }

    /** Renews if the clock has come near. */
    public void renewIfDue(long now) {
        if (ceiling - now < LEAD_TENTHS - RENEWAL_TENTHS) {
            renew();
        }
    }

    /** Writes a ceiling ahead of the clock, then uses it. */
    public void renew() {
        long next = Math.max(ceiling, clock.now() + LEAD_TENTHS);
        durable.accept(next);
        ceiling = next;
    }
}
