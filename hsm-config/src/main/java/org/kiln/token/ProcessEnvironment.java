package org.kiln.token;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The environment that native code sees ({@code setenv}), which Java cannot change by itself. PKCS#11 modules such as
 * SoftHSM read the place of their configuration from it when they are initialised.
 */
final class ProcessEnvironment {

    private ProcessEnvironment() {}

    static void set(String name, String value) {
        Linker linker = Linker.nativeLinker();
        MethodHandle setenv = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("setenv"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment nameText = arena.allocateFrom(name);
            MemorySegment valueText = arena.allocateFrom(value);
            int answer = (int) setenv.invokeExact(nameText, valueText, 1);
            if (answer != 0) {
                throw new TokenException("the environment variable " + name + " cannot be set");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
