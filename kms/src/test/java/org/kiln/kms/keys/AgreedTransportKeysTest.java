package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.kms.keys.TransportKeyReceipt.Purpose;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
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
import org.kiln.token.Support;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.keyblock.AgreementInfo;

/** Against a partner in software, on SoftHSM through a module that runs the KDF and keeps to derive templates. */
class AgreedTransportKeysTest {

    private static final byte[] VALUE = HexFormat.of().parseHex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");

    @TempDir
    private Path folder;

    private final Secret soPin = ScratchToken.soPin();
    private final Secret userPin = ScratchToken.userPin();
    private ScratchKeys keys;
    private Cryptoki cryptoki;
    private AgreedTransportKeys agreed;

    @BeforeEach
    void create() throws Exception {
        keys = ScratchKeys.create();
        cryptoki = Binding.FFM.load(CompiledModule.compile(folder, "derives"));
        agreed = new AgreedTransportKeys(ceremony(List.of(EcdhKdf.NONE, EcdhKdf.SHA256), Support.SUPPORTED));
    }

    @AfterEach
    void close() {
        keys.close();
        soPin.close();
        userPin.close();
    }

    private Ceremony ceremony(List<EcdhKdf> kdfs, Support deriveTemplate) {
        TokenProfile profile = ScratchToken.profile();
        return new Ceremony(
                cryptoki,
                profile.with(new TokenProfile.Ecdh(kdfs, profile.ecdh().x25519(), deriveTemplate)),
                keys.token().slot(),
                soPin,
                userPin);
    }

    private static KeyPair pair(Curve curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(curve == Curve.P256 ? "EC" : "X25519");
        if (curve == Curve.P256) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        return generator.generateKeyPair();
    }

    /** The partner's side of the agreement. */
    private static SecretKeySpec kek(Curve curve, KeyPair own, PublicKey theirs, byte[] info) throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance(curve == Curve.P256 ? "ECDH" : "X25519");
        agreement.init(own.getPrivate());
        agreement.doPhase(theirs, true);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(agreement.generateSecret());
        sha256.update(new byte[] {0, 0, 0, 1});
        return new SecretKeySpec(sha256.digest(info), "AES");
    }

    private static byte[] wrap(Curve curve, String label, KeyPair own, PublicKey offered) throws Exception {
        byte[] info = AgreementInfo.sharedInfo(
                AgreedTransportKeys.wrapping(curve), label, curve.point(own.getPublic()), curve.point(offered));
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.WRAP_MODE, kek(curve, own, offered, info));
        return kwp.wrap(new SecretKeySpec(VALUE, "AES"));
    }

    private static Kcv kcv(byte[] key) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        Mac cmac = Mac.getInstance("AESCMAC", new BouncyCastleProvider());
        cmac.init(new SecretKeySpec(key, "AES"));
        return Kcv.of(aes.doFinal(new byte[16]), cmac.doFinal(new byte[16]));
    }

    private int objects(long objectClass, String label) {
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            Template.Builder template = Template.builder().with(Cka.CLASS, objectClass);
            return session.findObjects(
                            (label.isEmpty() ? template.with(Cka.TOKEN, false) : template.label(label)).build())
                    .length;
        }
    }

    @ParameterizedTest
    @CsvSource({"P256, 16", "P256, 24", "P256, 32", "X25519, 16", "X25519, 24", "X25519, 32"})
    void aPartnerInSoftwareOpensWhatIsExported(Curve curve, int octets) throws Exception {
        KeyPair partner = pair(curve);

        AgreedTransportKeys.Exported exported =
                agreed.generateFor("acme-out", Direction.OUTGOING, octets, partner.getPublic());

        byte[] info = AgreementInfo.sharedInfo(
                exported.wrapping(), "acme-out", exported.ephemeralKey(), curve.point(partner.getPublic()));
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.UNWRAP_MODE, kek(curve, partner, curve.publicKey(exported.ephemeralKey()), info));
        byte[] value = kwp.unwrap(exported.wrapped(), "AES", Cipher.SECRET_KEY).getEncoded();
        assertThat(value).hasSize(octets);
        assertThat(kcv(value)).isEqualTo(exported.kcv());
        for (long objectClass : new long[] {Ck.CKO_PUBLIC_KEY, Ck.CKO_PRIVATE_KEY, Ck.CKO_SECRET_KEY}) {
            assertThat(objects(objectClass, "")).as("session objects left").isZero();
        }
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            TokenObject key = TokenObject.read(session, new KeyRing().secretKey(session, "acme-out"));
            assertThat(key.flags()).contains(Cka.TRUSTED, Cka.WRAP).doesNotContain(Cka.EXTRACTABLE, Cka.MODIFIABLE);
        }
    }

    @ParameterizedTest
    @CsvSource({"P256, KI", "P256, OPC", "X25519, KI", "X25519, OPC"})
    void takesWhatAPartnerInSoftwareWrapped(Curve curve, Purpose purpose) throws Exception {
        PublicKey offered = agreed.offer("acme-in", purpose, curve);
        assertThat(agreed.offer("acme-in", purpose, curve)).isEqualTo(offered);
        KeyPair own = pair(curve);
        byte[] wrapped = wrap(curve, "acme-in", own, offered);
        byte[] point = curve.point(own.getPublic());

        assertThatThrownBy(() -> agreed.receive("acme-in", purpose, point, wrapped, kcv(new byte[16])))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("check values");
        assertThat(objects(Ck.CKO_SECRET_KEY, purpose.object("acme-in"))).isZero();
        assertThat(agreed.receive("acme-in", purpose, point, wrapped, kcv(VALUE)))
                .isEqualTo(kcv(VALUE));

        String pair = "receiving/" + purpose.object("acme-in");
        assertThat(objects(Ck.CKO_PRIVATE_KEY, pair) + objects(Ck.CKO_PUBLIC_KEY, pair))
                .isZero();
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            TokenObject key = TokenObject.read(session, new KeyRing().secretKey(session, purpose.object("acme-in")));
            assertThat(key.forcesHidden()).isEqualTo(purpose == Purpose.KI);
            assertThat(key.flags()).contains(Cka.PRIVATE, Cka.SENSITIVE, Cka.UNWRAP);
            assertThat(key.has(Cka.TRUSTED)).isEqualTo(purpose == Purpose.KI);
            assertThat(key.flags()).doesNotContain(Cka.EXTRACTABLE, Cka.MODIFIABLE, Cka.WRAP, Cka.DECRYPT);
        }
    }

    @Test
    void whatWasWrappedForAnotherLabelDoesNotUnwrap() throws Exception {
        PublicKey offered = agreed.offer("acme-in", Purpose.KI, Curve.P256);
        KeyPair own = pair(Curve.P256);
        byte[] wrapped = wrap(Curve.P256, "other-in", own, offered);
        byte[] point = Curve.P256.point(own.getPublic());
        assertThatThrownBy(() -> agreed.receive("acme-in", Purpose.KI, point, wrapped, kcv(VALUE)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("does not unwrap");
        assertThatThrownBy(() -> agreed.receive("never-in", Purpose.KI, point, wrapped, kcv(VALUE)))
                .hasMessageContaining("kiln transport-key offer");
    }

    /** What the user asks: to read the one-time key, to decrypt with it, to have it TRUSTED; and the bare secret. */
    @Test
    void theUserDerivesNothingWithTheOfferedPair() throws Exception {
        agreed.offer("acme-in", Purpose.KI, Curve.P256);
        byte[] point = Curve.P256.point(pair(Curve.P256).getPublic());
        try (Session session = cryptoki.openSession(keys.token().slot(), true)) {
            session.login(Ck.CKU_USER, userPin);
            long pair = session.findObjects(Template.builder()
                    .with(Cka.CLASS, Ck.CKO_PRIVATE_KEY)
                    .label("receiving/acme-in")
                    .build())[0];
            for (long kdf : new long[] {Ck.CKD_NULL, Ck.CKD_SHA256_KDF}) {
                for (Template wanted :
                        List.of(secret(false, true, false), secret(true, false, false), secret(true, false, true))) {
                    byte[] shared = kdf == Ck.CKD_NULL ? new byte[0] : new byte[] {1};
                    assertThatThrownBy(() -> session.deriveKey(Mechanism.ecdh(kdf, shared, point), pair, wanted))
                            .isInstanceOfSatisfying(
                                    Pkcs11Exception.class,
                                    e -> assertThat(e.ckr()).isIn(Ckr.TEMPLATE_INCONSISTENT, Ckr.ATTRIBUTE_READ_ONLY));
                }
            }
            assertThatThrownBy(() -> session.copyObject(
                            pair, Template.builder().label("mine").build()))
                    .isInstanceOf(Pkcs11Exception.class);
            session.logout();
        }
    }

    private static Template secret(boolean sensitive, boolean extractable, boolean trusted) {
        Template.Builder template = Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.SENSITIVE, sensitive)
                .with(Cka.EXTRACTABLE, extractable)
                .with(Cka.DECRYPT, true)
                .with(Cka.VALUE_LEN, 32L);
        return (trusted ? template.with(Cka.TRUSTED, true) : template).build();
    }

    @ParameterizedTest
    @EnumSource(Curve.class)
    void plainSoftHsmRefusesAndNamesRsa(Curve curve) throws Exception {
        AgreedTransportKeys plain = new AgreedTransportKeys(keys.ceremony());
        PublicKey partner = pair(curve).getPublic();
        assertThatThrownBy(() -> plain.generateFor("acme-out", Direction.OUTGOING, 32, partner))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("does not run the key derivation")
                .hasMessageContaining("RSA");
        assertThatThrownBy(() -> plain.offer("acme-in", Purpose.KI, curve)).hasMessageContaining("RSA");
        assertThat(objects(Ck.CKO_SECRET_KEY, "acme-out")).isZero();
    }

    @Test
    void aTokenThatRunsTheKdfButNotTheTemplateExportsOnly() throws Exception {
        AgreedTransportKeys halfway = new AgreedTransportKeys(ceremony(List.of(EcdhKdf.SHA256), Support.UNKNOWN));
        assertThat(halfway.generateFor(
                                "acme-out",
                                Direction.OUTGOING,
                                32,
                                pair(Curve.P256).getPublic())
                        .wrapped())
                .hasSize(40);
        assertThatThrownBy(() -> halfway.offer("acme-in", Purpose.KI, Curve.P256))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("deriveTemplate")
                .hasMessageContaining("RSA");
    }

    @Test
    void pointsThatCannotBeAgreedWithAreRefused() throws Exception {
        byte[] point = Curve.P256.point(pair(Curve.P256).getPublic());
        byte[] off = point.clone();
        off[64] ^= 1;
        byte[] order8 = HexFormat.of().parseHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");
        assertThatThrownBy(() -> Curve.P256.checked(off)).hasMessageContaining("not on P-256");
        assertThatThrownBy(() -> Curve.P256.checked(new byte[65])).isInstanceOf(KeyException.class);
        assertThatThrownBy(() -> Curve.P256.checked(new byte[1])).isInstanceOf(KeyException.class);
        for (byte[] small : new byte[][] {new byte[32], HexFormat.of().parseHex("01" + "00".repeat(31)), order8}) {
            assertThatThrownBy(() -> Curve.X25519.checked(small)).hasMessageContaining("small order");
        }
        assertThat(Curve.P256.checked(Curve.compressed(point))).isEqualTo(point);
        byte[] highBit = Arrays.copyOf(order8, 32);
        highBit[31] |= (byte) 0x80;
        assertThatThrownBy(() -> Curve.X25519.checked(highBit)).hasMessageContaining("small order");
    }

    /** Known answer: what the module makes of RFC 5903's secret is the KDF that the software partner runs. */
    @Test
    void theModuleRunsTheX963Kdf() throws Exception {
        try (Session session = cryptoki.openSession(keys.token().slot(), true);
                Arena arena = Arena.ofConfined()) {
            session.login(Ck.CKU_USER, userPin);
            long key = session.createObject(new KeyPolicy(false)
                    .publishedPrivateExample(arena.allocateFrom(
                            ValueLayout.JAVA_BYTE,
                            HexFormat.of()
                                    .parseHex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"))));
            byte[] point = HexFormat.of()
                    .parseHex("04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                            + "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab");
            long derived = session.deriveKey(
                    Mechanism.ecdh(Ck.CKD_SHA256_KDF, new byte[] {7, 8}, point),
                    key,
                    new KeyPolicy(false).derivedPublishedExample(32));
            MemorySegment out = arena.allocate(32);
            session.getAttribute(derived, Cka.VALUE, out);
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(HexFormat.of().parseHex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"));
            sha256.update(new byte[] {0, 0, 0, 1, 7, 8});
            assertThat(out.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(sha256.digest());
            session.logout();
        }
    }
}
