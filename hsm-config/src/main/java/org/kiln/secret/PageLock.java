package org.kiln.secret;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Keeps pages of memory out of swap ({@code mlock}) and, on Linux, out of core dumps ({@code MADV_DONTDUMP}). */
public final class PageLock {

    /** Octets of a page; where the system's are larger, it locks the whole of them. */
    public static final long PAGE = 4096;

    private static final int MADV_DONTDUMP = 16;

    private PageLock() {}

    /**
     * Locks pages for the life of the process.
     *
     * @param pages whole pages
     * @return whether the system did; it does not where the limit of locked memory ({@code RLIMIT_MEMLOCK}) is reached
     */
    public static boolean lock(MemorySegment pages) {
        FunctionDescriptor lock =
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
        boolean locked = call("mlock", lock, pages, pages.byteSize());
        if (locked) {
            call("madvise", lock.appendArgumentLayouts(ValueLayout.JAVA_INT), pages, pages.byteSize(), MADV_DONTDUMP);
        }
        return locked;
    }

    private static boolean call(String name, FunctionDescriptor form, Object... arguments) {
        return LibC.call(name, form, arguments).orElse(-1) == 0;
    }
}
