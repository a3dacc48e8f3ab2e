package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.XECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link Session#deriveKey} promises: Diffie-Hellman on P-256 and X25519, and keys made of encrypted data. */
abstract class DerivationContract extends ContractFixture {

    /** The OID of X25519 (RFC 8410), with which SoftHSM tells it from Ed25519. */
    private static final byte[] X25519 = HEX.parseHex("06032b656e");

    /** RFC 5903, clause 8.1: the initiator's private key, the responder's point, the secret. */
    private static final String P256_PRIVATE = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433";

    private static final String P256_POINT = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
            + "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";
    private static final String P256_SECRET = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";

    /** TS 33.501, clause C.4.3: the home network's private key, the ephemeral public key, the secret. */
    private static final String X25519_PRIVATE = "c53c22208b61860b06c62e5406a7b330c2b577aa5558981510d128247d38bd1d";

    private static final String X25519_POINT = "b2e92f836055a255837debf850b528997ce0201cb82adfe4be1f587d07d8457d";
    private static final String X25519_SECRET = "028ddf890ec83cdf163947ce45f6ec1a0e3070ea5fe57e2b1f05139f3e82422a";

    private static final Template GENERIC = Template.builder()
            .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
            .with(Cka.KEY_TYPE, Ck.CKK_GENERIC_SECRET)
            .with(Cka.TOKEN, false)
            .with(Cka.PRIVATE, false)
            .with(Cka.SENSITIVE, false)
            .with(Cka.EXTRACTABLE, true)
            .build();

    private static Template generic(long octets) {
        return GENERIC.toBuilder().with(Cka.VALUE_LEN, octets).build();
    }

    private long importPrivate(long keyType, byte[] curve, String value, boolean derive) {
        return session.createObject(Template.builder()
                .with(Cka.CLASS, Ck.CKO_PRIVATE_KEY)
                .with(Cka.KEY_TYPE, keyType)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, true)
                .with(Cka.SENSITIVE, true)
                .with(Cka.DERIVE, derive)
                .with(Cka.EC_PARAMS, curve)
                .with(Cka.VALUE, octets(value))
                .build());
    }

    private long p256() {
        return importPrivate(Ck.CKK_EC, P256, P256_PRIVATE, true);
    }

    @Test
    void derivesTheRfc5903SecretOnP256() {
        long key = p256();
        Mechanism ecdh = Mechanism.ecdh(HEX.parseHex(P256_POINT));
        assertThat(attribute(session.deriveKey(ecdh, key, generic(32)), Cka.VALUE))
                .isEqualTo(P256_SECRET);
        assertThat(attribute(session.deriveKey(ecdh, key, GENERIC), Cka.VALUE))
                .as("without a length")
                .isEqualTo(P256_SECRET);
        assertThat(attribute(session.deriveKey(ecdh, key, generic(16)), Cka.VALUE))
                .as("a shorter key is the secret's end (Base Specification, CKM_ECDH1_DERIVE)")
                .isEqualTo(P256_SECRET.substring(32));
        assertThat(attribute(key, Cka.VALUE)).isNull();
    }

    @Test
    void aDerivedAesKeyEncrypts() {
        Template aes = with(READABLE, Cka.ENCRYPT).toBuilder()
                .with(Cka.SENSITIVE, true)
                .with(Cka.VALUE_LEN, 32L)
                .build();
        long derived = session.deriveKey(Mechanism.ecdh(HEX.parseHex(P256_POINT)), p256(), aes);
        assertThat(attribute(derived, Cka.VALUE)).isNull();
        assertThat(encrypted(derived, PLAIN)).isEqualTo(encrypted(importAes(P256_SECRET, Cka.ENCRYPT), PLAIN));
    }

    @Test
    void derivesTheTs33501SecretOnX25519() {
        long key = importPrivate(Ck.CKK_EC_EDWARDS, X25519, X25519_PRIVATE, true);
        Mechanism ecdh = Mechanism.ecdh(HEX.parseHex(X25519_POINT));
        assertThat(attribute(session.deriveKey(ecdh, key, generic(32)), Cka.VALUE))
                .isEqualTo(X25519_SECRET);
    }

    @Test
    void aGeneratedP256PairAgreesWithTheJdk() throws Exception {
        KeyPairHandles p256 = pair(Ckm.EC_KEY_PAIR_GEN, P256);
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair other = ec.generateKeyPair();
        String point = attribute(p256.publicKey(), Cka.EC_POINT).substring(6);
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(other.getPrivate());
        agreement.doPhase(
                KeyFactory.getInstance("EC")
                        .generatePublic(new ECPublicKeySpec(
                                new ECPoint(
                                        new BigInteger(point.substring(0, 64), 16),
                                        new BigInteger(point.substring(64), 16)),
                                curve.getParameterSpec(ECParameterSpec.class))),
                true);
        byte[] encoded = other.getPublic().getEncoded();
        byte[] uncompressed = new byte[65];
        System.arraycopy(encoded, encoded.length - 65, uncompressed, 0, 65);
        long secret = session.deriveKey(Mechanism.ecdh(uncompressed), p256.privateKey(), generic(32));
        assertThat(attribute(secret, Cka.VALUE)).isEqualTo(HEX.formatHex(agreement.generateSecret()));
    }

    @Test
    void aGeneratedX25519PairAgreesWithTheJdk() throws Exception {
        KeyPairHandles x25519 = pair(Ckm.EC_EDWARDS_KEY_PAIR_GEN, X25519);
        KeyPair other = KeyPairGenerator.getInstance("X25519").generateKeyPair();
        String point = attribute(x25519.publicKey(), Cka.EC_POINT);
        assertThat(point).as("an OCTET STRING of 32").startsWith("0420").hasSize(68);
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(other.getPrivate());
        agreement.doPhase(
                KeyFactory.getInstance("X25519")
                        .generatePublic(new XECPublicKeySpec(
                                NamedParameterSpec.X25519, new BigInteger(1, reversed(HEX.parseHex(point, 4, 68))))),
                true);
        byte[] u = ((XECPublicKey) other.getPublic()).getU().toByteArray();
        byte[] theirs = new byte[32];
        for (int i = 0; i < u.length && i < 32; i++) {
            theirs[i] = u[u.length - 1 - i];
        }
        long secret = session.deriveKey(Mechanism.ecdh(theirs), x25519.privateKey(), generic(32));
        assertThat(attribute(secret, Cka.VALUE)).isEqualTo(HEX.formatHex(agreement.generateSecret()));
    }

    private static byte[] reversed(byte[] octets) {
        byte[] other = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            other[i] = octets[octets.length - 1 - i];
        }
        return other;
    }

    private KeyPairHandles pair(long mechanism, byte[] curve) {
        return session.generateKeyPair(
                Mechanism.of(mechanism),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.EC_PARAMS, curve)
                        .build(),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.PRIVATE, true)
                        .with(Cka.SENSITIVE, true)
                        .with(Cka.DERIVE, true)
                        .build());
    }

    /** The last octet of y is another; one octet too few; nothing. */
    @ParameterizedTest
    @CsvSource({"65, GENERAL_ERROR", "64, GENERAL_ERROR", "0, MECHANISM_PARAM_INVALID"})
    void aPointThatIsNotOnP256IsRefused(int length, Ckr code) {
        byte[] wrong = HEX.parseHex(P256_POINT, 0, 2 * length);
        if (length == 65) {
            wrong[64] ^= 1;
        }
        long key = p256();
        refused("C_DeriveKey", code, () -> session.deriveKey(Mechanism.ecdh(wrong), key, generic(32)));
        assertThat(session.findObjects(GENERIC)).isEmpty();
    }

    /** RFC 7748, clause 6.1: the all-zero secret of a point of small order. */
    @Test
    void aPointOfSmallOrderOnX25519IsRefused() {
        long key = importPrivate(Ck.CKK_EC_EDWARDS, X25519, X25519_PRIVATE, true);
        refused(
                "C_DeriveKey",
                Ckr.GENERAL_ERROR,
                () -> session.deriveKey(Mechanism.ecdh(new byte[32]), key, generic(32)));
    }

    @Test
    void aKeyThatMayNotDeriveAndAKdfThatIsMissingAreRefused() {
        byte[] point = HEX.parseHex(P256_POINT);
        long idle = importPrivate(Ck.CKK_EC, P256, P256_PRIVATE, false);
        refused(
                "C_DeriveKey",
                Ckr.KEY_FUNCTION_NOT_PERMITTED,
                () -> session.deriveKey(Mechanism.ecdh(point), idle, generic(32)));
        Mechanism kdf = Mechanism.ecdh(Ck.CKD_SHA256_KDF, HEX.parseHex("00ff"), point);
        long key = p256();
        refused("C_DeriveKey", Ckr.MECHANISM_PARAM_INVALID, () -> session.deriveKey(kdf, key, generic(32)));
    }

    @Test
    void aKeyIsMadeOfEncryptedBlocks() {
        long master = importAes(KEY, Cka.DERIVE);
        assertThat(attribute(
                        session.deriveKey(Mechanism.aesEcbData(HEX.parseHex(PLAIN)), master, generic(16)), Cka.VALUE))
                .isEqualTo(CIPHER);
        assertThat(attribute(
                        session.deriveKey(Mechanism.aesEcbData(HEX.parseHex(PLAIN + PLAIN)), master, generic(32)),
                        Cka.VALUE))
                .isEqualTo(CIPHER + CIPHER);
        for (int length : new int[] {0, 15}) {
            Mechanism odd = Mechanism.aesEcbData(new byte[length]);
            refused("C_DeriveKey", Ckr.MECHANISM_PARAM_INVALID, () -> session.deriveKey(odd, master, generic(16)));
        }
    }
}
