package org.kiln.secret;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.OptionalInt;

/** Calls and variables of the C library that keep memory to this process. */
final class LibC {

    private LibC() {}

    /** What a function that returns an int answers; empty where the system's library has none of that name. */
    static OptionalInt call(String name, FunctionDescriptor form, Object... arguments) {
        return call(name, form, new Linker.Option[0], arguments);
    }

    /** As {@link #call(String, FunctionDescriptor, Object...)}, of a function whose arguments after the first may vary. */
    static OptionalInt callVariadic(String name, FunctionDescriptor form, Object... arguments) {
        return call(name, form, new Linker.Option[] {Linker.Option.firstVariadicArg(1)}, arguments);
    }

    /** Where a variable of the library's is; empty where it has none of that name. */
    static Optional<MemorySegment> variable(String name) {
        return Linker.nativeLinker().defaultLookup().find(name);
    }

    private static OptionalInt call(String name, FunctionDescriptor form, Linker.Option[] options, Object[] arguments) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> found = linker.defaultLookup().find(name);
        if (found.isEmpty()) {
            return OptionalInt.empty();
        }
        MethodHandle function = linker.downcallHandle(found.get(), form, options);
        try {
            return OptionalInt.of((int) function.invokeWithArguments(arguments));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
