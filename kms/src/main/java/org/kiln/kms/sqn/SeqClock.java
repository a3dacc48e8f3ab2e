package org.kiln.kms.sqn;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The clock GLC of TS 33.102 Annex C.1.2: tenths of seconds since 1970, never behind a floor and never running back.
 *
 * <p>A node that starts sets the floor above the ceiling that its last life kept on disk, so that nothing handed out
 * then is handed out again, whatever the machine's clock says now.
 */
public final class SeqClock {

    private final LongSupplier tenths;
    private final AtomicLong latest;

    public SeqClock(LongSupplier tenths, long floor) {
        this.tenths = tenths;
        latest = new AtomicLong(floor);
    }

    /** The machine's clock, with a floor. */
    public static SeqClock system(long floor) {
        return new SeqClock(SeqClock::systemTenths, floor);
    }

    /** Tenths of seconds since 1970 by the machine's clock. */
    public static long systemTenths() {
        return System.currentTimeMillis() / 100;
    }

    /** Sets the floor higher; a lower one counts for nothing. */
    public void notBefore(long floor) {
        latest.accumulateAndGet(floor, Math::max);
    }

    public long now() {
        long reading = tenths.getAsLong();
        return reading <= latest.get() ? latest.get() : latest.accumulateAndGet(reading, Math::max);
    }
}
