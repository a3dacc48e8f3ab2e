package org.kiln.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.OpcKeyStore;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenProfile;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A SoftHSM token in a temporary folder with Kiln's foundation keys and one subscriber's Ki under {@code SK-1}. Made
 * once for a fork, since a module reads its configuration once, and shared by its threads; it goes with the fork.
 */
@State(Scope.Benchmark)
public class BenchmarkToken {

    private static final String LABEL = "benchmark";
    private static final int KI_OCTETS = 16;

    private final TokenProfile profile = TokenProfile.named("softhsm2");

    /** How Java calls the module. */
    @Param("FFM")
    private Binding binding = Binding.FFM;

    private Path folder;
    private Cryptoki cryptoki;
    private long slot;
    private StorageKeys storageKeys;

    /** Kept open: the process is logged in while one session is. */
    private Session pinned;

    private WrappedKey ki;
    private WrappedKey hostKi;

    /** Makes the token. */
    @Setup
    public void make() {
        try (Secret soPin = newPin();
                Secret userPin = newPin()) {
            folder = Files.createTempDirectory("kiln-benchmark");
            SoftHsm.configure(folder);
            SoftHsm.select(folder);
            cryptoki = binding.load(profile.findModule());
            slot = SoftHsm.createToken(cryptoki, LABEL, soPin, userPin).slot();
            new Ceremony(cryptoki, profile, slot, soPin, userPin).foundation();
            storageKeys = new StorageKeys(new KeyRing(), profile, () -> 1, new NoOpcKeys());
            pinned = cryptoki.openSession(slot, true);
            pinned.login(Ck.CKU_USER, userPin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        KeyPolicy policy = new KeyPolicy(profile.privateSessionObjects());
        ki = newSubscriberKey(policy.newSubscriberKey(KI_OCTETS), key -> storageKeys.hide(pinned, key));
        hostKi = newSubscriberKey(policy.newReadableSubscriberKey(KI_OCTETS), key -> storageKeys.shelve(pinned, key));
    }

    /** Nothing measured with it has an OPc at rest. */
    private static final class NoOpcKeys implements OpcKeyStore {

        @Override
        public Optional<WrappedKey> find(int version) {
            return Optional.empty();
        }

        @Override
        public WrappedKey keep(int version, WrappedKey made) {
            return made;
        }
    }

    private static Secret newPin() {
        return Secret.takeFrom("benchmark-only".toCharArray());
    }

    private WrappedKey newSubscriberKey(Template template, LongFunction<WrappedKey> wrapping) {
        long key = pinned.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), template);
        try {
            return wrapping.apply(key);
        } finally {
            pinned.destroyObject(key);
        }
    }

    /** A session of the caller's own, logged in as all of this process are. */
    Session openSession() {
        return cryptoki.openSession(slot, true);
    }

    StorageKeys storageKeys() {
        return storageKeys;
    }

    WrappedKey ki() {
        return ki;
    }

    /** The Ki of a subscriber whose algorithm the host computes. */
    WrappedKey hostKi() {
        return hostKi;
    }

    Mechanism aesEcb() {
        return profile.aesEcb();
    }

    /** Fills native memory from the token, so that nothing measured is all zeros. */
    MemorySegment random(Arena arena, long octets) {
        MemorySegment random = arena.allocate(octets, 8);
        pinned.generateRandom(random);
        return random;
    }

    /** Closes the last session and deletes the folder. */
    @TearDown
    public void discard() throws IOException {
        pinned.close();
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
