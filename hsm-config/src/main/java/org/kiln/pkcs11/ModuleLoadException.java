package org.kiln.pkcs11;

import java.nio.file.Path;

/** A PKCS#11 module could not be loaded; the message says which and what to do. */
public final class ModuleLoadException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ModuleLoadException(Path module, String why) {
        super("PKCS#11 module " + module + " cannot be used: " + why);
    }
}
