package org.kiln.pkcs11;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file of a PKCS#11 module, by which a process knows a module it has loaded already. */
final class ModuleFile {

    /** Held while a module is initialised, by whichever binding: concurrent {@code C_Initialize} crashes SoftHSM 2.6. */
    static final Object INITIALISING = new Object();

    private ModuleFile() {}

    /**
     * The module's real path.
     *
     * @throws ModuleLoadException if there is no such file, or this user may not read it
     */
    static Path of(Path module) {
        Path file;
        try {
            file = module.toRealPath();
        } catch (IOException e) {
            throw new ModuleLoadException(module, "there is no such file; install the token's client package");
        }
        if (!Files.isReadable(file)) {
            throw new ModuleLoadException(file, "this user may not read it");
        }
        return file;
    }

    /**
     * Loads the file for the life of the process and finds {@code C_GetFunctionList} in it. To be asked before another
     * binding takes the file: the IAIK wrapper crashes the virtual machine on a library that does not export it.
     *
     * @throws ModuleLoadException if the file is no shared library, or no PKCS#11 module
     */
    static MemorySegment entry(Path file) {
        try {
            return SymbolLookup.libraryLookup(file, Arena.global())
                    .find("C_GetFunctionList")
                    .orElseThrow(() -> new ModuleLoadException(file, "it exports no C_GetFunctionList"));
        } catch (IllegalArgumentException e) {
            throw new ModuleLoadException(file, "it is no shared library that this machine can load");
        }
    }
}
