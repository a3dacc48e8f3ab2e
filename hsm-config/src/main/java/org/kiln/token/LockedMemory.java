package org.kiln.token;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory that is never written to swap ({@code mlock}) nor, on Linux, to a core dump ({@code MADV_DONTDUMP}). Whoever puts
 * secrets there wipes them.
 */
public final class LockedMemory {

    private static final long PAGE = 4096;
    private static final int MADV_DONTDUMP = 16;

    private LockedMemory() {}

    /**
     * Whole pages of zeros, locked for the life of the process.
     *
     * @throws TokenException if the system locks no more memory
     */
    public static MemorySegment allocate(long octets) {
        long whole = (octets + PAGE - 1) / PAGE * PAGE;
        MemorySegment pages = Arena.global().allocate(whole, PAGE);
        FunctionDescriptor lock =
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
        if (call("mlock", lock, pages, whole) != 0) {
            throw new TokenException("memory for keys cannot be locked: raise the limit of locked memory (ulimit -l,"
                    + " LimitMEMLOCK in a systemd unit), or switch the guarded host off (auc.guardedHost)");
        }
        FunctionDescriptor advise = lock.appendArgumentLayouts(ValueLayout.JAVA_INT);
        call("madvise", advise, pages, whole, MADV_DONTDUMP);
        return pages.asSlice(0, octets);
    }

    private static int call(String name, FunctionDescriptor form, Object... arguments) {
        Linker linker = Linker.nativeLinker();
        MethodHandle function = linker.downcallHandle(linker.defaultLookup().findOrThrow(name), form);
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
