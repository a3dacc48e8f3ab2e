package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.function.Function;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.KeyPairHandles;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.token.EcdhKdf;
import org.kiln.token.TokenProfile;

/**
 * One-time keys for devices. For an RSA key the token makes the one-time key and wraps it. On a curve the token makes an
 * ephemeral pair and agrees; where it does not run the KDF too, the host computes the one-time key off the heap, gives it
 * to the token as a session object that only wraps, and wipes it. That the host may do so, {@link Place#HOST} says.
 *
 * <p>No one-time key is TRUSTED, for the user makes it: it wraps keys of {@link KeyPolicy#newDeviceKey} and no stored Ki.
 */
public final class OneTimeKeys {

    private static final int LEAST_RSA_BITS = 2048;
    private static final int LONGEST_POINT = 128;
    private static final int AGREED_OCTETS = 32;
    private static final int MOST_RSA_OCTETS = 1024;

    private final TokenProfile profile;
    private final KeyPolicy policy;
    private final StorageKeys wrapping;
    private final Place place;

    /** Where a one-time key may be computed. */
    public enum Place {
        /** In the token alone. */
        TOKEN,
        /** Outside, where the token cannot. */
        HOST
    }

    /** @param wrapping wraps by AES-KWP as the token wants it */
    public OneTimeKeys(TokenProfile profile, StorageKeys wrapping, Place place) {
        this.profile = profile;
        this.wrapping = wrapping;
        this.place = place;
        policy = new KeyPolicy(profile.privateSessionObjects());
    }

    /** @throws KeyException if no one-time key can be made for this public key, and why */
    public void requireUsable(PublicKey device) {
        if (device instanceof RSAPublicKey rsa) {
            if (rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
                throw new KeyException("the device's RSA key has "
                        + rsa.getModulus().bitLength() + " bits; " + LEAST_RSA_BITS + " are the least");
            }
            return;
        }
        Curve curve = Curve.of(device);
        curve.point(device);
        if (place == Place.TOKEN && !runsKdf()) {
            throw new KeyException(
                    "the token does not run the key derivation of ECDH, and identities.oneTimeKey does not"
                            + " let the host do it: set it to host (docs/security-model.md says what that means), or give"
                            + " devices RSA keys");
        }
    }

    private boolean runsKdf() {
        TokenProfile.Ecdh ecdh = profile.ecdh();
        return ecdh != null && ecdh.kdfs().contains(EcdhKdf.SHA256);
    }

    /**
     * Makes a one-time key in the session given.
     *
     * @param device a public key on P-256 or X25519, or an RSA key
     * @param sharedInfo what the KDF binds the key to, given the ephemeral point; not asked for RSA
     * @throws KeyException as {@link #requireUsable}
     */
    public OneTimeKey make(Session session, PublicKey device, Function<byte[], byte[]> sharedInfo) {
        requireUsable(device);
        return device instanceof RSAPublicKey rsa
                ? transported(session, rsa)
                : agreed(session, Curve.of(device), device, sharedInfo);
    }

    private OneTimeKey transported(Session session, RSAPublicKey device) {
        long key = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.generatedOneTimeKey());
        try {
            long publicKey = session.createObject(KeyPolicy.devicePublicKey(
                    RsaKeys.unsigned(device.getModulus()), RsaKeys.unsigned(device.getPublicExponent())));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment out = arena.allocate(MOST_RSA_OCTETS);
                int length = session.wrapKey(profile.oaep(), publicKey, key, out);
                OneTimeKey.Method method = profile.oaepHashes().getFirst() == TokenProfile.OaepHash.SHA256
                        ? OneTimeKey.Method.RSA_OAEP_SHA256_KWP
                        : OneTimeKey.Method.RSA_OAEP_SHA1_KWP;
                return new OneTimeKey(
                        session, wrapping, key, method, out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
            } finally {
                session.destroyObject(publicKey);
            }
        } catch (RuntimeException e) {
            session.destroyObject(key);
            throw e;
        }
    }

    private OneTimeKey agreed(Session session, Curve curve, PublicKey device, Function<byte[], byte[]> sharedInfo) {
        KeyPairHandles pair = session.generateKeyPair(
                curve.keyPairGeneration(profile),
                KeyPolicy.ephemeralPublicKey(curve.parameters(profile)),
                KeyPolicy.ephemeralPrivateKey());
        try {
            byte[] ephemeral = point(session, pair.publicKey(), curve);
            byte[] theirs = curve.point(device);
            byte[] info = sharedInfo.apply(ephemeral);
            long key = runsKdf()
                    ? session.deriveKey(
                            Mechanism.ecdh(EcdhKdf.SHA256.code(), info, theirs),
                            pair.privateKey(),
                            policy.derivedOneTimeKey())
                    : computed(session, pair.privateKey(), theirs, info);
            OneTimeKey.Method method = curve == Curve.P256
                    ? OneTimeKey.Method.ECDH_P256_SHA256_KWP
                    : OneTimeKey.Method.ECDH_X25519_SHA256_KWP;
            return new OneTimeKey(session, wrapping, key, method, ephemeral);
        } finally {
            session.destroyObject(pair.privateKey());
            session.destroyObject(pair.publicKey());
        }
    }

    private long computed(Session session, long ephemeral, byte[] theirs, byte[] info) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment secret = arena.allocate(AGREED_OCTETS);
            MemorySegment key = arena.allocate(X963Kdf.OCTETS);
            try {
                read(session, ephemeral, theirs, secret);
                X963Kdf.derive(secret, info, key);
                return session.createObject(policy.oneTimeKey(key));
            } finally {
                secret.fill((byte) 0);
                key.fill((byte) 0);
            }
        }
    }

    private void read(Session session, long ephemeral, byte[] theirs, MemorySegment secret) {
        long agreed = session.deriveKey(Mechanism.ecdh(theirs), ephemeral, policy.agreedSecret(AGREED_OCTETS));
        try {
            if (session.getAttribute(agreed, Cka.VALUE, secret) != AGREED_OCTETS) {
                throw new KeyException("the token neither runs the key derivation of ECDH nor gives the agreed secret;"
                        + " give devices RSA keys");
            }
        } finally {
            session.destroyObject(agreed);
        }
    }

    private static byte[] point(Session session, long publicKey, Curve curve) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONGEST_POINT);
            long length = session.getAttribute(publicKey, Cka.EC_POINT, out);
            return curve.ofToken(out.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
