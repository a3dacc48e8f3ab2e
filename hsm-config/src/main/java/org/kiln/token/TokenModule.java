package org.kiln.token;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Cryptoki;

/**
 * A PKCS#11 module with the environment it wants. Modules read variables such as {@code SOFTHSM2_CONF} or
 * {@code P11_KIT_SERVER_ADDRESS} when they are initialised; two that want different values of one must be two files.
 */
public final class TokenModule {

    private static final Object ENVIRONMENT = new Object();

    private final Binding binding;
    private final Path file;
    private final Map<String, String> environment;
    private volatile @Nullable Cryptoki loaded;

    /**
     * @param binding how Java calls it
     * @param environment variables set before it is initialised
     */
    public TokenModule(Binding binding, Path file, Map<String, String> environment) {
        this.binding = binding;
        this.file = file;
        this.environment = Map.copyOf(environment);
    }

    /** The module's file as configured. */
    public Path file() {
        return file;
    }

    /**
     * The module, loaded and initialised by the first who asks.
     *
     * @throws org.kiln.pkcs11.ModuleLoadException if it cannot be loaded; it may be asked for again
     */
    public Cryptoki cryptoki() {
        Cryptoki ready = loaded;
        if (ready != null) {
            return ready;
        }
        synchronized (ENVIRONMENT) {
            environment.forEach(ProcessEnvironment::set);
            Cryptoki cryptoki = binding.load(file);
            loaded = cryptoki;
            return cryptoki;
        }
    }

    /** {@link Cryptoki#reinitialise()} under the module's environment. */
    public void reinitialise() {
        Cryptoki cryptoki = cryptoki();
        synchronized (ENVIRONMENT) {
            environment.forEach(ProcessEnvironment::set);
            cryptoki.reinitialise();
        }
    }
}
