package org.kiln.kms.auc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.StorageKeys;

/** Brings subscribers' keys into use for one lane, which owns the scratch memory. */
final class OpenKeys {

    private final MemorySegment scratch = Arena.ofAuto().allocate(OpcShelf.OCTETS, 16);
    private final StorageKeys storage;
    private final ActiveSubscribers actives;

    OpenKeys(StorageKeys storage, ActiveSubscribers actives) {
        this.storage = storage;
        this.actives = actives;
    }

    StorageKeys storage() {
        return storage;
    }

    /** Ki as a session object, and OPc on the shelf. */
    ActiveSubscriber.KiInUse open(ActiveSubscriber active, LaneSession session) {
        return actives.open(active, session, storage, scratch);
    }

    /** OPc or TOPc on the shelf, and no Ki in the token. */
    MemorySegment openOpc(ActiveSubscriber active, LaneSession session) {
        actives.openOpc(active, session, storage, scratch);
        return active.opc();
    }
}
