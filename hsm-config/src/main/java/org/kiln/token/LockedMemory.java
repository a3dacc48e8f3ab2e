package org.kiln.token;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.kiln.secret.PageLock;

/**
 * Memory that is never written to swap ({@code mlock}) nor, on Linux, to a core dump ({@code MADV_DONTDUMP}). Whoever puts
 * secrets there wipes them. Unlike the memory of {@link org.kiln.secret.Secret}, it is locked or not had at all.
 */
public final class LockedMemory {

    private LockedMemory() {}

    /**
     * Whole pages of zeros, locked for the life of the process.
     *
     * @throws TokenException if the system locks no more memory
     */
    public static MemorySegment allocate(long octets) {
        long whole = (octets + PageLock.PAGE - 1) / PageLock.PAGE * PageLock.PAGE;
        MemorySegment pages = Arena.global().allocate(whole, PageLock.PAGE);
        if (!PageLock.lock(pages)) {
            throw new TokenException("memory for keys cannot be locked: raise the limit of locked memory (ulimit -l,"
                    + " LimitMEMLOCK in a systemd unit), or switch the guarded host off (auc.guardedHost)");
        }
        return pages.asSlice(0, octets);
    }
}
