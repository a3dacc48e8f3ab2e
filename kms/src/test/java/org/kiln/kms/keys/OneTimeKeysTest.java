package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.util.List;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.KDF2BytesGenerator;
import org.bouncycastle.crypto.params.KDFParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.CompiledModule;
import org.kiln.token.EcdhKdf;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenProfile;

/** Against devices in software, on a real token. */
class OneTimeKeysTest {

    private static final byte[] INFO = "for this device alone".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BLOCK = "sixteen octets..".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    private final ScratchKeys keys = ScratchKeys.create();
    private final KeyPolicy policy = new KeyPolicy(ScratchToken.profile().privateSessionObjects());

    @AfterEach
    void close() {
        keys.close();
    }

    private OneTimeKeys oneTimeKeys(OneTimeKeys.Place place) {
        return new OneTimeKeys(ScratchToken.profile(), keys.storageKeys(), place);
    }

    private static KeyPair pair(String kind) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind.equals("P256") ? "EC" : kind);
        switch (kind) {
            case "P256" -> generator.initialize(new ECGenParameterSpec("secp256r1"));
            case "RSA" -> generator.initialize(2048);
            default -> {}
        }
        return generator.generateKeyPair();
    }

    /** The device's side. */
    private static SecretKeySpec openOneTimeKey(KeyPair device, OneTimeKey.Method method, byte[] sent)
            throws Exception {
        if (method == OneTimeKey.Method.RSA_OAEP_SHA1_KWP) {
            Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
            oaep.init(
                    Cipher.DECRYPT_MODE,
                    device.getPrivate(),
                    new OAEPParameterSpec("SHA-1", "MGF1", MGF1ParameterSpec.SHA1, PSource.PSpecified.DEFAULT));
            return new SecretKeySpec(oaep.doFinal(sent), "AES");
        }
        Curve curve = Curve.of(device.getPublic());
        KeyAgreement agreement = KeyAgreement.getInstance(curve == Curve.P256 ? "ECDH" : "X25519");
        agreement.init(device.getPrivate());
        agreement.doPhase(curve.publicKey(sent), true);
        return new SecretKeySpec(kdf2(agreement.generateSecret(), INFO), "AES");
    }

    /** Bouncy Castle's KDF2 (IEEE 1363a), which is that of ANSI X9.63. */
    private static byte[] kdf2(byte[] secret, byte[] info) {
        KDF2BytesGenerator kdf = new KDF2BytesGenerator(new SHA256Digest());
        kdf.init(new KDFParameters(secret, info));
        byte[] out = new byte[32];
        kdf.generateBytes(out, 0, out.length);
        return out;
    }

    private static byte[] encrypted(SecretKeySpec key) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, key);
        return aes.doFinal(BLOCK);
    }

    private static byte[] encrypted(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(BLOCK.length);
            session.encrypt(
                    Mechanism.of(Ckm.AES_ECB),
                    key,
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, BLOCK),
                    BLOCK.length,
                    out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static int sessionObjects(Session session) {
        return session.findObjects(Template.builder().with(Cka.TOKEN, false).build()).length;
    }

    private static void theDeviceGetsTheKeyAndNothingStays(
            OneTimeKeys oneTimeKeys, KeyPair device, Session session, KeyPolicy policy) throws Exception {
        long ki = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.newDeviceKey(16, Cka.ENCRYPT));

        OneTimeKey.Method method;
        byte[] sent;
        byte[] wrapped;
        try (OneTimeKey key = oneTimeKeys.make(session, device.getPublic(), ephemeral -> INFO)) {
            method = key.method();
            sent = key.sent();
            wrapped = key.wrap(ki);
        }

        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.UNWRAP_MODE, openOneTimeKey(device, method, sent));
        SecretKeySpec opened =
                new SecretKeySpec(kwp.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded(), "AES");
        assertThat(encrypted(opened)).isEqualTo(encrypted(session, ki));
        session.destroyObject(ki);
        assertThat(sessionObjects(session)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"P256, HOST", "X25519, HOST", "RSA, HOST", "RSA, TOKEN"})
    void aDeviceInSoftwareOpensWhatIsWrappedForIt(String kind, OneTimeKeys.Place place) throws Exception {
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            theDeviceGetsTheKeyAndNothingStays(oneTimeKeys(place), pair(kind), session, policy);
        }
    }

    @ParameterizedTest
    @EnumSource(Curve.class)
    void aTokenThatRunsTheKdfMakesTheKeyAlone(Curve curve) throws Exception {
        Cryptoki cryptoki = Binding.FFM.load(CompiledModule.compile(folder, "derives"));
        TokenProfile profile = ScratchToken.profile();
        OneTimeKeys inToken = new OneTimeKeys(
                profile.with(new TokenProfile.Ecdh(
                        List.of(EcdhKdf.SHA256),
                        profile.ecdh().x25519(),
                        profile.ecdh().deriveTemplate())),
                keys.storageKeys(),
                OneTimeKeys.Place.TOKEN);
        try (Secret pin = ScratchToken.userPin();
                Session session = cryptoki.openSession(keys.token().slot(), true)) {
            session.login(Ck.CKU_USER, pin);
            theDeviceGetsTheKeyAndNothingStays(inToken, pair(curve.name()), session, policy);
        }
    }

    @ParameterizedTest
    @EnumSource(Curve.class)
    void theHostComputesNothingUnlessConfigurationLetsIt(Curve curve) throws Exception {
        KeyPair device = pair(curve.name());

        assertThatThrownBy(() -> oneTimeKeys(OneTimeKeys.Place.TOKEN).requireUsable(device.getPublic()))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("identities.oneTimeKey");
    }

    @Test
    void aShortRsaKeyIsRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        KeyPair device = generator.generateKeyPair();

        assertThatThrownBy(() -> oneTimeKeys(OneTimeKeys.Place.HOST).requireUsable(device.getPublic()))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("2048");
    }

    /** What keeps every other key from leaving this way. */
    @ParameterizedTest
    @CsvSource({"P256", "RSA"})
    void aKeyBoundToTrustedKeysDoesNotLeaveUnderAOneTimeKey(String kind) throws Exception {
        try (Session session = keys.openAs(Ck.CKU_USER);
                OneTimeKey key = oneTimeKeys(OneTimeKeys.Place.HOST)
                        .make(session, pair(kind).getPublic(), ephemeral -> INFO)) {
            long cardKey = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.newSubscriberKey(16));

            assertThatThrownBy(() -> key.wrap(cardKey))
                    .isInstanceOfSatisfying(
                            Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(Ckr.KEY_NOT_WRAPPABLE));
        }
    }

    /** Once at rest, a device's key is bound as any other: the storage key's unwrap template sees to it. */
    @Test
    void aStoredDeviceKeyLeavesUnderNoOneTimeKeyAgain() throws Exception {
        StorageKeys storage = keys.storageKeys();
        try (Session session = keys.openAs(Ck.CKU_USER);
                OneTimeKey key = oneTimeKeys(OneTimeKeys.Place.HOST)
                        .make(session, pair("P256").getPublic(), ephemeral -> INFO)) {
            long ki = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.newDeviceKey(16, Cka.ENCRYPT));
            byte[] before = encrypted(session, ki);
            WrappedKey stored = storage.hide(session, ki);
            session.destroyObject(ki);

            long back = unwrap(session, storage, stored, policy.arrivingSubscriberKey());
            assertThat(encrypted(session, back)).isEqualTo(before);
            assertThatThrownBy(() -> key.wrap(back))
                    .isInstanceOfSatisfying(
                            Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(Ckr.KEY_NOT_WRAPPABLE));
            assertThatThrownBy(() -> unwrap(session, storage, stored, policy.newDeviceKey(16, Cka.ENCRYPT)))
                    .isInstanceOf(Pkcs11Exception.class);
        }
    }

    private static long unwrap(Session session, StorageKeys storage, WrappedKey stored, Template template) {
        try (Arena arena = Arena.ofConfined()) {
            return session.unwrapKey(
                    ScratchToken.profile().aesKeyUnwrapPadded(),
                    storage.wrappingKeyOf(session, stored),
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, stored.blob()),
                    stored.blob().length,
                    template);
        }
    }

    @Test
    void theOneTimeKeyNeitherLeavesNorIsRead() throws Exception {
        try (Session session = keys.openAs(Ck.CKU_USER);
                OneTimeKey key = oneTimeKeys(OneTimeKeys.Place.HOST)
                        .make(session, pair("P256").getPublic(), ephemeral -> INFO);
                Arena arena = Arena.ofConfined()) {
            long[] found = session.findObjects(
                    Template.builder().with(Cka.TOKEN, false).build());
            assertThat(found).hasSize(1);
            assertThat(session.getAttribute(found[0], Cka.VALUE, arena.allocate(32)))
                    .isEqualTo(Ck.UNAVAILABLE);
            assertThat(key.method()).isEqualTo(OneTimeKey.Method.ECDH_P256_SHA256_KWP);
        }
    }

    @Test
    void theKdfIsThatOfX963() {
        long seed = Long.getLong("kiln.seed", System.nanoTime());
        System.out.println("OneTimeKeysTest: -Dkiln.seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            byte[] secret = new byte[32];
            byte[] info = new byte[random.nextInt(400)];
            random.nextBytes(secret);
            random.nextBytes(info);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment out = arena.allocate(X963Kdf.OCTETS);
                X963Kdf.derive(arena.allocateFrom(ValueLayout.JAVA_BYTE, secret), info, out);
                assertThat(out.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(kdf2(secret, info));
            }
        }
    }
}
