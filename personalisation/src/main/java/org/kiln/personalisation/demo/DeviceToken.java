package org.kiln.personalisation.demo;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.X963Kdf;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.KeyPairHandles;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;

/** A device's secure element, played by a token: its keys are made there and stay there. */
final class DeviceToken {

    private static final byte[] P256 = HexFormat.of().parseHex("06082a8648ce3d030107");
    private static final int LONGEST_POINT = 128;
    private static final int P256_OCTETS = 65;
    private static final int X25519_OCTETS = 32;
    private static final int MOST_RSA_OCTETS = 1024;
    private static final int AGREED_OCTETS = 32;
    private static final int HALF_SIGNATURE = 32;
    private static final long RSA_BITS = 2048;
    private static final byte[] RSA_EXPONENT = {1, 0, 1};

    private final Session session;
    private final TokenProfile profile;

    /** @param session the device's own, its user logged in */
    DeviceToken(Session session, TokenProfile profile) {
        this.session = session;
        this.profile = profile;
    }

    /** A key of the device. */
    record Key(long privateKey, PublicKey publicKey) {}

    /** A P-256 key that signs and agrees. */
    Key makeP256() {
        KeyPairHandles pair = session.generateKeyPair(
                Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.EC_PARAMS, P256)
                        .build(),
                privateKey().with(Cka.SIGN, true).with(Cka.DERIVE, true).build());
        return new Key(pair.privateKey(), Curve.P256.publicKey(point(pair.publicKey(), P256_OCTETS)));
    }

    /** An X25519 key that agrees. */
    Key makeX25519() {
        TokenProfile.Ecdh ecdh = profile.ecdh();
        TokenProfile.X25519 x25519 = ecdh == null ? null : ecdh.x25519();
        if (x25519 == null) {
            throw new IllegalStateException("the device's token makes no X25519 keys");
        }
        KeyPairHandles pair = session.generateKeyPair(
                Mechanism.of(x25519.keyPairGeneration()),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.EC_PARAMS, HexFormat.of().parseHex(x25519.parameters()))
                        .build(),
                privateKey().with(Cka.DERIVE, true).build());
        return new Key(pair.privateKey(), Curve.X25519.publicKey(point(pair.publicKey(), X25519_OCTETS)));
    }

    /** An RSA key that unwraps. */
    Key makeRsa() throws GeneralSecurityException {
        KeyPairHandles pair = session.generateKeyPair(
                Mechanism.of(Ckm.RSA_PKCS_KEY_PAIR_GEN),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.MODULUS_BITS, RSA_BITS)
                        .with(Cka.PUBLIC_EXPONENT, RSA_EXPONENT)
                        .build(),
                privateKey().with(Cka.UNWRAP, true).build());
        return new Key(
                pair.privateKey(),
                KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(
                                number(pair.publicKey(), Cka.MODULUS), number(pair.publicKey(), Cka.PUBLIC_EXPONENT))));
    }

    private static Template.Builder privateKey() {
        return Template.builder()
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, true)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false);
    }

    private byte[] point(long publicKey, int octets) {
        byte[] value = attribute(publicKey, Cka.EC_POINT, LONGEST_POINT);
        return Arrays.copyOfRange(value, value.length - octets, value.length);
    }

    private BigInteger number(long key, Cka type) {
        return new BigInteger(1, attribute(key, type, MOST_RSA_OCTETS));
    }

    private byte[] attribute(long object, Cka type, int room) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(room);
            return out.asSlice(0, session.getAttribute(object, type, out)).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Octets from the token's random number generator. */
    byte[] random(int octets) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(octets);
            session.generateRandom(out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** ECDSA with SHA-256, in DER. */
    byte[] sign(Key key, byte[] statement) throws GeneralSecurityException, IOException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(statement);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(2L * HALF_SIGNATURE);
            session.sign(
                    Mechanism.of(Ckm.ECDSA),
                    key.privateKey,
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, digest),
                    digest.length,
                    out);
            byte[] raw = out.toArray(ValueLayout.JAVA_BYTE);
            return new DERSequence(new ASN1Integer[] {
                        new ASN1Integer(new BigInteger(1, Arrays.copyOf(raw, HALF_SIGNATURE))),
                        new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(raw, HALF_SIGNATURE, raw.length)))
                    })
                    .getEncoded();
        }
    }

    /** The one-time key that both sides agree on, as an object that unwraps; this token leaves the KDF to the device. */
    long agreedOneTimeKey(Key own, byte[] ephemeralPoint, byte[] sharedInfo) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment secret = arena.allocate(AGREED_OCTETS);
            MemorySegment key = arena.allocate(X963Kdf.OCTETS);
            long agreed = session.deriveKey(Mechanism.ecdh(ephemeralPoint), own.privateKey, agreedSecret());
            try {
                session.getAttribute(agreed, Cka.VALUE, secret);
                X963Kdf.derive(secret, sharedInfo, key);
                return session.createObject(oneTimeKey().with(Cka.VALUE, key).build());
            } finally {
                session.destroyObject(agreed);
                secret.fill((byte) 0);
                key.fill((byte) 0);
            }
        }
    }

    /** The one-time key that was wrapped for an RSA key, unwrapped in the token. */
    long transportedOneTimeKey(Key own, byte[] wrapped) {
        return unwrap(profile.oaep(), own.privateKey, wrapped, oneTimeKey().build());
    }

    /** A Ki, unwrapped into an object that encrypts and never leaves. */
    long unwrapKi(long oneTimeKey, byte[] wrapped) {
        return unwrap(
                profile.aesKeyUnwrapPadded(),
                oneTimeKey,
                wrapped,
                secret(Ck.CKK_AES)
                        .with(Cka.SENSITIVE, true)
                        .with(Cka.EXTRACTABLE, false)
                        .with(Cka.ENCRYPT, true)
                        .build());
    }

    /** An OPc, or a K of TUAK, unwrapped into {@code out}. */
    void unwrapOpc(long oneTimeKey, byte[] wrapped, MemorySegment out) {
        long opc = unwrap(
                profile.aesKeyUnwrapPadded(),
                oneTimeKey,
                wrapped,
                secret(Ck.CKK_GENERIC_SECRET)
                        .with(Cka.SENSITIVE, false)
                        .with(Cka.EXTRACTABLE, true)
                        .build());
        session.getAttribute(opc, Cka.VALUE, out);
        session.destroyObject(opc);
    }

    private long unwrap(Mechanism mechanism, long key, byte[] wrapped, Template template) {
        try (Arena arena = Arena.ofConfined()) {
            return session.unwrapKey(
                    mechanism, key, arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped), wrapped.length, template);
        }
    }

    /** Encrypts blocks under a key of the token. */
    void encrypt(long key, MemorySegment in, int length, MemorySegment out) {
        session.encrypt(profile.aesEcb(), key, in, length, out);
    }

    void destroy(long object) {
        session.destroyObject(object);
    }

    private static Template.Builder secret(long type) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, type)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, true);
    }

    private static Template agreedSecret() {
        return secret(Ck.CKK_GENERIC_SECRET)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .with(Cka.VALUE_LEN, (long) AGREED_OCTETS)
                .build();
    }

    private static Template.Builder oneTimeKey() {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .with(Cka.UNWRAP, true);
    }
}
