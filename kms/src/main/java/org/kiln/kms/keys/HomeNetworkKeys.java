package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.KeyPairHandles;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.token.EcdhKdf;
import org.kiln.token.TokenProfile;

/**
 * Home-network key pairs (TS 33.501 Annex C): the private halves are token objects that derive and do nothing else.
 * Methods run on the session given, which belongs to the calling thread.
 */
public final class HomeNetworkKeys {

    /** Octets of an agreed secret, on either curve. */
    public static final int SECRET_OCTETS = 32;

    private static final int LONGEST_POINT = 128;

    private final KeyRing ring;
    private final TokenProfile profile;
    private final KeyPolicy policy;

    public HomeNetworkKeys(KeyRing ring, TokenProfile profile) {
        this.ring = ring;
        this.profile = profile;
        policy = new KeyPolicy(profile.privateSessionObjects());
    }

    /**
     * Makes a pair.
     *
     * @return the public point: {@code 04 || x || y}, or the 32 octets of an X25519 key
     * @throws KeyException if the token has a key of this identifier, or does not give agreed secrets out
     */
    public byte[] create(Session session, int identifier, Curve curve) {
        TokenProfile.Ecdh ecdh = profile.ecdh();
        if (ecdh == null || !ecdh.kdfs().contains(EcdhKdf.NONE)) {
            throw new KeyException("a token of profile " + profile.family()
                    + " is not known to agree without a key derivation (ecdh.kdfs has no none), which SUCIs need; try it"
                    + " with 'kiln hsm probe --try'");
        }
        String label = KeyLabels.homeNetwork(identifier);
        if (KeyRing.find(session, Ck.CKO_PRIVATE_KEY, label).isPresent()) {
            throw new KeyException("the token holds a home-network key with identifier " + identifier
                    + " already; choose another identifier");
        }
        KeyPairHandles pair = session.generateKeyPair(
                curve.keyPairGeneration(profile),
                KeyPolicy.homeNetworkPublicKey(curve.parameters(profile)),
                KeyPolicy.homeNetworkPrivateKey(label));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONGEST_POINT);
            long length = session.getAttribute(pair.publicKey(), Cka.EC_POINT, out);
            return curve.ofToken(out.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE));
        } catch (RuntimeException e) {
            session.destroyObject(pair.privateKey());
            throw e;
        } finally {
            session.destroyObject(pair.publicKey());
        }
    }

    /** Destroys the private key; what was concealed for it is lost. Does nothing if there is none. */
    public void destroy(Session session, int identifier) {
        KeyRing.find(session, Ck.CKO_PRIVATE_KEY, KeyLabels.homeNetwork(identifier))
                .ifPresent(session::destroyObject);
    }

    /**
     * The handle of a private key.
     *
     * @throws KeyException if the token has none of this identifier
     */
    public long privateKey(Session session, int identifier) {
        return ring.privateKey(session, KeyLabels.homeNetwork(identifier));
    }

    /**
     * Agrees on a secret ({@code CKM_ECDH1_DERIVE}, {@code CKD_NULL}).
     *
     * @param point as {@link Curve#checked} gives it
     * @param out {@link #SECRET_OCTETS} octets off the heap, which the caller wipes
     */
    public void agree(Session session, long privateKey, byte[] point, MemorySegment out) {
        long secret = session.deriveKey(Mechanism.ecdh(point), privateKey, policy.agreedSecret(SECRET_OCTETS));
        try {
            if (session.getAttribute(secret, Cka.VALUE, out) != SECRET_OCTETS) {
                throw new KeyException("the token does not give the agreed secret of a home-network key: 'kiln hsm"
                        + " certify' tells what else it does otherwise");
            }
        } finally {
            session.destroyObject(secret);
        }
    }

    /**
     * Encrypts blocks in the token under a key of one message.
     *
     * @param key 16 octets off the heap
     * @param blocks whole blocks
     */
    public void encrypt(Session session, MemorySegment key, MemorySegment blocks, MemorySegment out) {
        long messageKey = session.createObject(policy.messageKey(key));
        try {
            session.encrypt(profile.aesEcb(), messageKey, blocks, (int) blocks.byteSize(), out);
        } finally {
            session.destroyObject(messageKey);
        }
    }
}
