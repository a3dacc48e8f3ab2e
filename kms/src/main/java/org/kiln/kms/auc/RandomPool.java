package org.kiln.kms.auc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.kiln.pkcs11.Session;

/** Random octets of the token, fetched many at a time. Each octet is given out once and wiped. Used by one thread. */
final class RandomPool {

    private static final long OCTETS = 16 * 256;

    private final MemorySegment pool = Arena.ofAuto().allocate(OCTETS);
    private long used = OCTETS;

    /** Fills {@code out}, which is shorter than the pool. */
    void fill(Session session, MemorySegment out) {
        long wanted = out.byteSize();
        if (used + wanted > OCTETS) {
            session.generateRandom(pool);
            used = 0;
        }
        MemorySegment.copy(pool, used, out, 0, wanted);
        pool.asSlice(used, wanted).fill((byte) 0);
        used += wanted;
    }
}
