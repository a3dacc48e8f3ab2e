package org.kiln.pkcs11;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Finds a module's {@code CK_FUNCTION_LIST}: through {@code C_GetInterface} (PKCS#11 3.0, clause 5.4) where it is
 * exported, else through {@code C_GetFunctionList}. The lists of 3.x begin with the 68 functions of 2.40 in their order.
 */
final class FunctionList {

    private static final String INTERFACE = "PKCS 11";
    private static final long INTERFACE_SIZE = 24;
    private static final long LIST_SIZE = 8 + 68 * ValueLayout.ADDRESS.byteSize();

    private FunctionList() {}

    /**
     * The functions of 2.40, for the life of the process.
     *
     * @throws Pkcs11Exception if {@code C_GetFunctionList} is refused
     * @throws ModuleLoadException if the file is no shared library, or offers no list that this binding knows
     */
    static MemorySegment of(ModuleFile file) {
        SymbolLookup symbols = file.symbols();
        Optional<MemorySegment> interfaceList = symbols.find("C_GetInterface").flatMap(FunctionList::throughInterface);
        if (interfaceList.isPresent()) {
            return interfaceList.get();
        }
        return throughFunctionList(symbols.find("C_GetFunctionList")
                .orElseThrow(() -> new ModuleLoadException(
                        file.path(),
                        "it exports no C_GetFunctionList, nor a C_GetInterface that offers version 2 or 3")));
    }

    private static Optional<MemorySegment> throughInterface(MemorySegment function) {
        MethodHandle getInterface = Linker.nativeLinker()
                .downcallHandle(
                        function,
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_LONG,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_LONG));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(ValueLayout.ADDRESS);
            MemorySegment name = arena.allocateFrom(INTERFACE);
            long answer = (long) getInterface.invokeExact(name, MemorySegment.NULL, found, 0L);
            MemorySegment offered = found.get(ValueLayout.ADDRESS, 0);
            if (answer != Ckr.OK.code() || offered.address() == 0) {
                return Optional.empty();
            }
            MemorySegment list = offered.reinterpret(INTERFACE_SIZE).get(ValueLayout.ADDRESS, 8);
            return Optional.of(list).filter(FunctionList::known).map(known -> known.reinterpret(LIST_SIZE));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean known(MemorySegment list) {
        if (list.address() == 0) {
            return false;
        }
        byte major = list.reinterpret(1).get(ValueLayout.JAVA_BYTE, 0);
        return major == 2 || major == 3;
    }

    private static MemorySegment throughFunctionList(MemorySegment function) {
        MethodHandle getFunctionList = Linker.nativeLinker()
                .downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(ValueLayout.ADDRESS);
            FfmCryptoki.check("C_GetFunctionList", (long) getFunctionList.invokeExact(list));
            return list.get(ValueLayout.ADDRESS, 0).reinterpret(LIST_SIZE);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
