package org.kiln.pkcs11;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file of a PKCS#11 module, by which a process knows a module it has loaded already.
 *
 * @param path the real path
 */
record ModuleFile(Path path) {

    /** Held while a module is initialised, by whichever binding: concurrent {@code C_Initialize} crashes SoftHSM 2.6. */
    static final Object INITIALISING = new Object();

    /**
     * The module's file.
     *
     * @throws ModuleLoadException if there is no such file, or this user may not read it
     */
    static ModuleFile of(Path module) {
        Path file;
        try {
            file = module.toRealPath();
        } catch (IOException e) {
            throw new ModuleLoadException(module, "there is no such file; install the token's client package");
        }
        if (!Files.isReadable(file)) {
            throw new ModuleLoadException(file, "this user may not read it");
        }
        return new ModuleFile(file);
    }

    /**
     * Loads the file for the life of the process.
     *
     * @throws ModuleLoadException if the file is no shared library
     */
    SymbolLookup symbols() {
        try {
            return SymbolLookup.libraryLookup(path, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new ModuleLoadException(path, "it is no shared library that this machine can load");
        }
    }

    /**
     * To be asked before the IAIK wrapper takes the file: it crashes the virtual machine on a library that does not
     * export {@code C_GetFunctionList}.
     *
     * @throws ModuleLoadException if the file is no shared library, or does not export it
     */
    void requireFunctionList() {
        if (symbols().find("C_GetFunctionList").isEmpty()) {
            throw new ModuleLoadException(path, "it exports no C_GetFunctionList");
        }
    }
}
