package org.kiln.pkcs11;

import iaik.pkcs.pkcs11.wrapper.CK_C_INITIALIZE_ARGS;
import iaik.pkcs.pkcs11.wrapper.CK_MECHANISM_INFO;
import iaik.pkcs.pkcs11.wrapper.CK_TOKEN_INFO;
import iaik.pkcs.pkcs11.wrapper.PKCS11;
import iaik.pkcs.pkcs11.wrapper.PKCS11Exception;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.slf4j.LoggerFactory;
import org.xipki.pkcs11.wrapper.Logger;
import org.xipki.pkcs11.wrapper.PKCS11Module;
import org.xipki.pkcs11.wrapper.StaticLogger;

/**
 * The second binding: PKCS#11 through the IAIK wrapper ({@code org.xipki:ipkcs11wrapper}), for sites that certify on
 * it. It answers as {@link FfmCryptoki} does and is slower: the wrapper copies every buffer to the heap.
 *
 * <p>Only the wrapper's lowest layer is used, which speaks the standard's own numbers. Heap copies are wiped here; the
 * copies that its native half makes with {@code malloc} are freed by it without wiping, and nothing here can reach them.
 *
 * <p>The wrapper's native library is taken from {@code java.library.path} if it is there; else it is unpacked from the
 * jar into the folder that the system property {@code PKCS11_TEMP_DIR} names, or {@code java.io.tmpdir}.
 *
 * <p>A module is loaded and initialised once per process, by its real path. If somebody else (FFM, SunPKCS11) has
 * initialised it already, it is used as it is.
 */
public final class IaikCryptoki implements Cryptoki {

    /** For the wrapper's {@code useUtf8}: no recoding, each {@code char} is one octet, and no String is made of a PIN. */
    static final boolean OCTETS = false;

    private static final int LABEL_LENGTH = 32;

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("org.kiln.pkcs11.iaik");

    private static final Map<ModuleFile, IaikCryptoki> LOADED = new HashMap<>();

    private final PKCS11 functions;

    private IaikCryptoki(PKCS11 functions) {
        this.functions = functions;
    }

    /**
     * Loads and initialises a module, or returns the one already loaded from the same file.
     *
     * @throws ModuleLoadException if the file is missing, is no PKCS#11 module, or refuses to initialise; or if the
     *     wrapper's native library does not run on this machine
     */
    public static IaikCryptoki load(Path module) {
        ModuleFile file = ModuleFile.of(module);
        synchronized (ModuleFile.INITIALISING) {
            IaikCryptoki loaded = LOADED.get(file);
            if (loaded == null) {
                loaded = new IaikCryptoki(initialise(file));
                LOADED.put(file, loaded);
            }
            return loaded;
        }
    }

    private static PKCS11 initialise(ModuleFile file) {
        file.requireFunctionList();
        StaticLogger.setLogger(new Log(LOG));
        PKCS11 functions;
        try {
            functions = PKCS11Module.getInstance(file.path().toString()).getPKCS11Module();
        } catch (UnsatisfiedLinkError | IOException e) {
            throw new ModuleLoadException(file.path(), "the IAIK wrapper does not load it: " + e.getMessage());
        }
        try {
            initialise(functions);
        } catch (Pkcs11Exception e) {
            throw new ModuleLoadException(file.path(), "C_Initialize answered CKR_" + e.ckr());
        }
        return functions;
    }

    private static void initialise(PKCS11 functions) {
        CK_C_INITIALIZE_ARGS arguments = new CK_C_INITIALIZE_ARGS();
        arguments.flags = Ck.CKF_OS_LOCKING_OK;
        try {
            functions.C_Initialize(arguments, OCTETS);
        } catch (PKCS11Exception e) {
            if (e.getErrorCode() != Ckr.CRYPTOKI_ALREADY_INITIALIZED.code()) {
                throw new Pkcs11Exception("C_Initialize", e.getErrorCode());
            }
        }
    }

    @Override
    public void reinitialise() {
        synchronized (ModuleFile.INITIALISING) {
            try {
                functions.C_Finalize(null);
            } catch (PKCS11Exception e) {
                if (e.getErrorCode() != Ckr.CRYPTOKI_NOT_INITIALIZED.code()) {
                    throw new Pkcs11Exception("C_Finalize", e.getErrorCode());
                }
            }
            initialise(functions);
        }
    }

    @Override
    public List<TokenInfo> tokens() {
        List<TokenInfo> tokens = new ArrayList<>();
        for (long slot : call("C_GetSlotList", () -> functions.C_GetSlotList(true))) {
            CK_TOKEN_INFO info = call("C_GetTokenInfo", () -> functions.C_GetTokenInfo(slot));
            tokens.add(new TokenInfo(
                    slot,
                    unpadded(info.label),
                    unpadded(info.manufacturerID),
                    unpadded(info.model),
                    unpadded(info.serialNumber),
                    info.flags));
        }
        return tokens;
    }

    private static String unpadded(char[] text) {
        return new String(text).stripTrailing();
    }

    @Override
    public List<MechanismInfo> mechanisms(long slot) {
        List<MechanismInfo> mechanisms = new ArrayList<>();
        for (long type : call("C_GetMechanismList", () -> functions.C_GetMechanismList(slot))) {
            CK_MECHANISM_INFO info = call("C_GetMechanismInfo", () -> functions.C_GetMechanismInfo(slot, type));
            mechanisms.add(new MechanismInfo(type, info.ulMinKeySize, info.ulMaxKeySize, info.flags));
        }
        return mechanisms;
    }

    @Override
    public void initToken(long slot, Secret soPin, String label) {
        byte[] text = label.getBytes(StandardCharsets.UTF_8);
        if (text.length > LABEL_LENGTH) {
            throw new IllegalArgumentException("a token label has at most " + LABEL_LENGTH + " octets: " + label);
        }
        char[] padded = new char[LABEL_LENGTH];
        Arrays.fill(padded, ' ');
        for (int i = 0; i < text.length; i++) {
            padded[i] = (char) (text[i] & 0xff);
        }
        withPin(soPin, pin -> run("C_InitToken", () -> functions.C_InitToken(slot, pin, padded, OCTETS)));
    }

    @Override
    public Session openSession(long slot, boolean readWrite) {
        long flags = Ck.CKF_SERIAL_SESSION | (readWrite ? Ck.CKF_RW_SESSION : 0);
        return new IaikSession(
                functions, call("C_OpenSession", () -> functions.C_OpenSession(slot, flags, null, null)));
    }

    /** A call of the wrapper that answers something. */
    @FunctionalInterface
    interface Call<T> {
        T run() throws PKCS11Exception;
    }

    /** A call of the wrapper that answers nothing. */
    @FunctionalInterface
    interface Action {
        void run() throws PKCS11Exception;
    }

    static <T> T call(String function, Call<T> call) {
        try {
            return call.run();
        } catch (PKCS11Exception e) {
            throw new Pkcs11Exception(function, e.getErrorCode());
        }
    }

    static void run(String function, Action action) {
        try {
            action.run();
        } catch (PKCS11Exception e) {
            throw new Pkcs11Exception(function, e.getErrorCode());
        }
    }

    /** Something done with a PIN, which is wiped afterwards. */
    @FunctionalInterface
    interface PinUse {
        void with(char[] pin);
    }

    /** Lends the PIN's octets, one to a {@code char}. */
    static void withPin(Secret secret, PinUse use) {
        MemorySegment octets = secret.expose(SecretAccess.granted());
        char[] pin = new char[Math.toIntExact(octets.byteSize())];
        try {
            for (int i = 0; i < pin.length; i++) {
                pin[i] = (char) (octets.get(ValueLayout.JAVA_BYTE, i) & 0xff);
            }
            use.with(pin);
        } finally {
            Arrays.fill(pin, '\0');
        }
    }

    /**
     * Sends what the wrapper would print on standard output, its acknowledgement too, to this program's log.
     *
     * <p>Never its debug and trace messages, whatever the log's level: the wrapper's upper layer, which Kiln does not
     * call, writes attribute templates with their values at trace.
     */
    record Log(org.slf4j.Logger log) implements Logger {

        @Override
        public void info(String format, Object... arguments) {
            log.info(format, arguments);
        }

        @Override
        public void warn(String format, Object... arguments) {
            log.warn(format, arguments);
        }

        @Override
        public void error(String format, Object... arguments) {
            log.error(format, arguments);
        }

        @Override
        public void debug(String format, Object... arguments) {}

        @Override
        public void trace(String format, Object... arguments) {}

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public boolean isInfoEnabled() {
            return log.isInfoEnabled();
        }

        @Override
        public boolean isWarnEnabled() {
            return log.isWarnEnabled();
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }
    }
}
