package org.kiln.kms.auc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * OPc and TOPc values in use, off the heap: of 16 or 32 octets, in a fixed number of places of 32 that are wiped when given
 * back.
 */
final class OpcShelf {

    /** Octets of a place. */
    static final long OCTETS = 32;

    private final int places;
    private final BlockingQueue<MemorySegment> free;

    OpcShelf(int places) {
        this.places = places;
        free = new ArrayBlockingQueue<>(places);
        MemorySegment shelf = Arena.ofAuto().allocate(OCTETS * places, 16);
        for (int i = 0; i < places; i++) {
            free.add(shelf.asSlice(OCTETS * i, OCTETS));
        }
    }

    /** Places in use. */
    int taken() {
        return places - free.size();
    }

    /** An empty place, or null if all are taken. */
    @Nullable
    MemorySegment take() {
        return free.poll();
    }

    void giveBack(MemorySegment place) {
        place.fill((byte) 0);
        free.add(place);
    }
}
