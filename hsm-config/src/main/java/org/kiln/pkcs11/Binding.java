package org.kiln.pkcs11;

import java.nio.file.Path;

/** How Java reaches a PKCS#11 module. Both bindings keep the same contract, and may share a module in one process. */
public enum Binding {
    /** {@code java.lang.foreign}: the default, and the faster. */
    FFM {
        @Override
        public Cryptoki load(Path module) {
            return FfmCryptoki.load(module);
        }
    },

    /** The IAIK wrapper, for sites that certify on it. */
    IAIK {
        @Override
        public Cryptoki load(Path module) {
            return IaikCryptoki.load(module);
        }
    };

    /**
     * Loads and initialises a module, once for this process and binding.
     *
     * @throws ModuleLoadException if it cannot be used, saying why
     */
    public abstract Cryptoki load(Path module);
}
