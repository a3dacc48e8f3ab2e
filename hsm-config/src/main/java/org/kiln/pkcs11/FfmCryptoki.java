package org.kiln.pkcs11;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * The default binding: PKCS#11 through {@code java.lang.foreign}, for LP64 Linux (see the package's description).
 *
 * <p>A module is loaded and initialised once per process, by its real path. If somebody else (SunPKCS11) has
 * initialised it already, it is used as it is.
 */
public final class FfmCryptoki implements Cryptoki {

    private static final Map<ModuleFile, FfmCryptoki> LOADED = new HashMap<>();

    private static final long TOKEN_INFO_SIZE = 208;
    private static final int LABEL_LENGTH = 32;

    private final FfmFunctions functions;

    private FfmCryptoki(FfmFunctions functions) {
        this.functions = functions;
    }

    /**
     * Loads and initialises a module, or returns the one already loaded from the same file.
     *
     * @throws ModuleLoadException if the file is missing, is no PKCS#11 module, or refuses to initialise
     */
    public static FfmCryptoki load(Path module) {
        ModuleFile file = ModuleFile.of(module);
        synchronized (ModuleFile.INITIALISING) {
            FfmCryptoki loaded = LOADED.get(file);
            if (loaded == null) {
                loaded = new FfmCryptoki(initialise(file));
                LOADED.put(file, loaded);
            }
            return loaded;
        }
    }

    private static FfmFunctions initialise(ModuleFile file) {
        try {
            FfmFunctions functions = new FfmFunctions(FunctionList.of(file));
            initialise(functions);
            return functions;
        } catch (Pkcs11Exception e) {
            throw new ModuleLoadException(file.path(), e.function() + " answered CKR_" + e.ckr());
        }
    }

    private static void initialise(FfmFunctions functions) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment arguments = arena.allocate(48, 8);
            arguments.set(ValueLayout.JAVA_LONG, 32, Ck.CKF_OS_LOCKING_OK);
            long answer = functions.initialize(arguments);
            if (answer != Ckr.CRYPTOKI_ALREADY_INITIALIZED.code()) {
                check("C_Initialize", answer);
            }
        }
    }

    @Override
    public void reinitialise() {
        synchronized (ModuleFile.INITIALISING) {
            long answer = functions.finalizeModule();
            if (answer != Ckr.CRYPTOKI_NOT_INITIALIZED.code()) {
                check("C_Finalize", answer);
            }
            initialise(functions);
        }
    }

    @Override
    public List<TokenInfo> tokens() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
            check("C_GetSlotList", functions.getSlotList(true, MemorySegment.NULL, count));
            int slots = Math.toIntExact(count.get(ValueLayout.JAVA_LONG, 0));
            MemorySegment list = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, slots));
            check("C_GetSlotList", functions.getSlotList(true, list, count));
            slots = Math.toIntExact(count.get(ValueLayout.JAVA_LONG, 0));
            List<TokenInfo> tokens = new ArrayList<>();
            for (int i = 0; i < slots; i++) {
                tokens.add(token(list.getAtIndex(ValueLayout.JAVA_LONG, i), arena));
            }
            return tokens;
        }
    }

    private TokenInfo token(long slot, Arena arena) {
        MemorySegment info = arena.allocate(TOKEN_INFO_SIZE, 8);
        check("C_GetTokenInfo", functions.getTokenInfo(slot, info));
        return new TokenInfo(
                slot,
                padded(info, 0, LABEL_LENGTH),
                padded(info, 32, 32),
                padded(info, 64, 16),
                padded(info, 80, 16),
                info.get(ValueLayout.JAVA_LONG, 96));
    }

    private static String padded(MemorySegment info, long at, long length) {
        byte[] octets = info.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(octets, StandardCharsets.UTF_8).stripTrailing();
    }

    @Override
    public List<MechanismInfo> mechanisms(long slot) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
            check("C_GetMechanismList", functions.getMechanismList(slot, MemorySegment.NULL, count));
            MemorySegment list =
                    arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, count.get(ValueLayout.JAVA_LONG, 0)));
            check("C_GetMechanismList", functions.getMechanismList(slot, list, count));
            MemorySegment info = arena.allocate(24, 8);
            List<MechanismInfo> mechanisms = new ArrayList<>();
            for (long i = 0; i < count.get(ValueLayout.JAVA_LONG, 0); i++) {
                long type = list.getAtIndex(ValueLayout.JAVA_LONG, i);
                check("C_GetMechanismInfo", functions.getMechanismInfo(slot, type, info));
                mechanisms.add(new MechanismInfo(
                        type,
                        info.get(ValueLayout.JAVA_LONG, 0),
                        info.get(ValueLayout.JAVA_LONG, 8),
                        info.get(ValueLayout.JAVA_LONG, 16)));
            }
            return mechanisms;
        }
    }

    @Override
    public void initToken(long slot, Secret soPin, String label) {
        byte[] text = label.getBytes(StandardCharsets.UTF_8);
        if (text.length > LABEL_LENGTH) {
            throw new IllegalArgumentException("a token label has at most " + LABEL_LENGTH + " octets: " + label);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment padded = arena.allocate(LABEL_LENGTH);
            padded.fill((byte) ' ');
            MemorySegment.copy(text, 0, padded, ValueLayout.JAVA_BYTE, 0, text.length);
            check("C_InitToken", functions.initToken(slot, soPin.expose(SecretAccess.granted()), soPin.size(), padded));
        }
    }

    @Override
    public Session openSession(long slot, boolean readWrite) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(ValueLayout.JAVA_LONG);
            long flags = Ck.CKF_SERIAL_SESSION | (readWrite ? Ck.CKF_RW_SESSION : 0);
            check("C_OpenSession", functions.openSession(slot, flags, handle));
            return new FfmSession(functions, handle.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    static void check(String function, long answer) {
        if (answer != Ckr.OK.code()) {
            throw new Pkcs11Exception(function, answer);
        }
    }
}
