package org.kiln.secret;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that {@link Secret}s are in: some pages, locked together when the first secret is made, and given out in
 * blocks. A secret for which there is no room, or all of them where the system locks no memory for this process, are in
 * ordinary native memory: wiped all the same, but the system may write them to swap or to a core dump before.
 */
public final class SecretMemory {

    private static final int BLOCK = 64;
    private static final int BLOCKS = 512;
    private static final AtomicLong OUTSIDE = new AtomicLong();

    private SecretMemory() {}

    /** Made with the first secret, so that a process without any locks nothing. */
    private static final class Pages {
        private static final MemorySegment MEMORY = Arena.global().allocate((long) BLOCK * BLOCKS, PageLock.PAGE);
        private static final boolean LOCKED = PageLock.lock(MEMORY);
        private static final BitSet TAKEN = new BitSet(BLOCKS);
    }

    /** Whether the system locks memory for this process's secrets. */
    public static boolean isLocked() {
        return Pages.LOCKED;
    }

    /** Octets of locked memory; 0 where the system locks none. */
    public static long lockedOctets() {
        return Pages.LOCKED ? Pages.MEMORY.byteSize() : 0;
    }

    /** How many secrets were put in memory that is not locked, since the process began. */
    public static long secretsOutside() {
        return OUTSIDE.get();
    }

    /** Zeros that belong to an arena: closed, it gives them back, and the caller has wiped them before. */
    static MemorySegment allocate(Arena arena, long size) {
        int blocks = (int) Math.max(1, (size + BLOCK - 1) / BLOCK);
        int from = Pages.LOCKED ? take(blocks) : -1;
        if (from < 0) {
            OUTSIDE.incrementAndGet();
            return arena.allocate(size, 8);
        }
        return Pages.MEMORY.asSlice((long) from * BLOCK, size).reinterpret(arena, _ -> giveBack(from, blocks));
    }

    /** The first of so many free blocks side by side; -1 if there are none. */
    private static int take(int blocks) {
        synchronized (Pages.TAKEN) {
            int from = Pages.TAKEN.nextClearBit(0);
            while (from + blocks <= BLOCKS) {
                int next = Pages.TAKEN.nextSetBit(from);
                if (next < 0 || next >= from + blocks) {
                    Pages.TAKEN.set(from, from + blocks);
                    return from;
                }
                from = Pages.TAKEN.nextClearBit(next);
            }
            return -1;
        }
    }

    private static void giveBack(int from, int blocks) {
        synchronized (Pages.TAKEN) {
            Pages.TAKEN.clear(from, from + blocks);
        }
    }
}
