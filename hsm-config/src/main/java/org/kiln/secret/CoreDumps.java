package org.kiln.secret;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.util.OptionalInt;

/**
 * Whether the system may write this process's memory to a file when it crashes ({@code prctl}, Linux). Where it may not, nobody
 * but root may look into the memory either: debuggers and {@code jcmd} of the same user are refused.
 */
public final class CoreDumps {

    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;

    private CoreDumps() {}

    /** Forbids them for the life of the process; false where the system cannot. */
    public static boolean forbid() {
        return set(0);
    }

    static boolean allow() {
        return set(1);
    }

    /** Whether the system would write one, as far as this process has a say. */
    public static boolean areForbidden() {
        OptionalInt dumpable = prctl(PR_GET_DUMPABLE, 0);
        return dumpable.isPresent() && dumpable.getAsInt() == 0;
    }

    private static boolean set(long dumpable) {
        return prctl(PR_SET_DUMPABLE, dumpable).orElse(-1) == 0;
    }

    private static OptionalInt prctl(int option, long value) {
        return LibC.callVariadic(
                "prctl",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
                option,
                value);
    }
}
