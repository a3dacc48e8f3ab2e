package org.kiln.kms.access;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.kiln.transfer.numbering.Supi;

/**
 * How many different unknown subscribers a caller has asked for, by linear counting: a bit for each SUPI's hash in a bitmap of a
 * fixed size, eight bits for each that the limit allows. Who asks for one in vain again and again counts as one; some of many are not counted, some six
 * in a hundred at the limit. The hash has a key of this process, so that nobody chooses numbers that fall together.
 */
final class ScanWatch {

    private static final int BITS_FOR_EACH = 8;
    private static final int PREFIX = "imsi-".length();
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ScanLimit limit;
    private final LongSupplier nanoTime;
    private final long key = RANDOM.nextLong();
    private final long[] seen;
    private int count;
    private long ends;
    private volatile boolean locked;
    private volatile long lockedUntil;

    /** @param nanoTime a clock as {@link System#nanoTime} */
    ScanWatch(ScanLimit limit, LongSupplier nanoTime) {
        this.limit = limit;
        this.nanoTime = nanoTime;
        int words = Math.max(1, limit.unknown() * BITS_FOR_EACH / Long.SIZE);
        seen = new long[Integer.highestOneBit(2 * words - 1)];
        ends = nanoTime.getAsLong();
    }

    /** Counts one; whether it is the one that reaches the limit, and the caller is locked out from now on. */
    synchronized boolean note(Supi supi) {
        long now = nanoTime.getAsLong();
        if (now - ends >= 0) {
            Arrays.fill(seen, 0);
            count = 0;
            locked = false;
            ends = now + limit.window().toNanos();
        }
        long hash = mix(Long.parseLong(supi.value(), PREFIX, supi.value().length(), 10) ^ key);
        int word = (int) (hash >>> 6) & seen.length - 1;
        long bit = 1L << hash;
        if ((seen[word] & bit) != 0) {
            return false;
        }
        seen[word] |= bit;
        count++;
        if (count != limit.unknown()) {
            return false;
        }
        if (!limit.lockOut().isZero()) {
            ends = now + limit.lockOut().toNanos();
            lockedUntil = ends;
            locked = true;
        }
        return true;
    }

    /** For how many nanoseconds the caller stays locked out; 0 if he is not. */
    long lockedFor() {
        return locked ? Math.max(0, lockedUntil - nanoTime.getAsLong()) : 0;
    }

    /** Ends a lock-out, and the count with it; false if there was none. */
    synchronized boolean lift() {
        boolean was = lockedFor() > 0;
        locked = false;
        ends = nanoTime.getAsLong();
        return was;
    }

    /** The finisher of SplitMix64: each bit of the result depends on all of {@code value}. */
    private static long mix(long value) {
        long x = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
        return x ^ x >>> 31;
    }
}
