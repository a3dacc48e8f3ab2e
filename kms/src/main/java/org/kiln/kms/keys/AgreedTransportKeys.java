package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.PublicKey;
import org.kiln.kms.keys.TransportKeyReceipt.Purpose;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.KeyPairHandles;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.EcdhKdf;
import org.kiln.token.Support;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.keyblock.AgreementInfo;
import org.kiln.transfer.keyblock.TransportKeyFile.Wrapping;

/**
 * Transport keys that leave or come wrapped by AES-KWP under a one-time key agreed by elliptic-curve Diffie-Hellman, as
 * {@link AgreementInfo} says. For tokens that run the KDF themselves, since else the host would see the agreed secret.
 *
 * <p>Outgoing, the ephemeral pair, the one-time key and all handles are session objects of the officer's and end with
 * his session. Incoming, the officer's pair waits in the token for the partner's answer, and the user sees it too: only a
 * {@code CKA_DERIVE_TEMPLATE} that demands TRUSTED keeps him from deriving the one-time key for himself. A token
 * without it makes no offer.
 */
public final class AgreedTransportKeys {

    private static final String PAIR_PREFIX = "receiving/";
    private static final int LONGEST_POINT = 128;

    private final Ceremony ceremony;

    public AgreedTransportKeys(Ceremony ceremony) {
        this.ceremony = ceremony;
    }

    /**
     * A transport key on its way to its partner.
     *
     * @param ephemeralKey the public point that he derives with
     * @param wrapped the key under the one-time key
     */
    public record Exported(Wrapping wrapping, byte[] ephemeralKey, byte[] wrapped, Kcv kcv) {}

    /** How a key agreed on a curve wraps. */
    public static Wrapping wrapping(Curve curve) {
        return curve == Curve.P256 ? Wrapping.ECDH_P256_SHA256_KWP : Wrapping.ECDH_X25519_SHA256_KWP;
    }

    /**
     * Generates an outgoing transport key and wraps it in the officer's session for a partner.
     *
     * @param direction OUTGOING or KEY_BLOCKS
     * @param octets 16, 24 or 32
     * @param partner his key on P-256 or X25519, whose origin the officer has checked
     * @throws KeyException if the token does not run the KDF, or the partner's key is unusable
     */
    public Exported generateFor(String label, Direction direction, int octets, PublicKey partner) {
        TransportKeys.requireUsable(label);
        TransportKeys.requireAesLength(octets);
        requireKdf();
        Curve curve = Curve.of(partner);
        byte[] theirs = curve.point(partner);
        byte[][] sent = new byte[2][];
        Kcv kcv = ceremony.makeTrusted(direction.object(label), true, (session, draft) -> {
            long key = session.generateKey(
                    Mechanism.of(Ckm.AES_KEY_GEN), KeyPolicy.trustedDraft(draft, direction.role(), octets, true));
            byte[] parameters = curve.parameters(profile());
            KeyPairHandles pair = session.generateKeyPair(
                    curve.keyPairGeneration(profile()),
                    KeyPolicy.ephemeralPublicKey(parameters),
                    KeyPolicy.ephemeralPrivateKey());
            try {
                sent[0] = point(session, pair.publicKey(), curve);
                byte[] info = AgreementInfo.sharedInfo(wrapping(curve), label, sent[0], theirs);
                long kek = derive(session, pair.privateKey(), theirs, info, Cka.WRAP);
                try {
                    sent[1] = wrap(session, kek, key, octets);
                } finally {
                    session.destroyObject(kek);
                }
            } finally {
                session.destroyObject(pair.privateKey());
                session.destroyObject(pair.publicKey());
            }
            return key;
        });
        return new Exported(wrapping(curve), sent[0], sent[1], kcv);
    }

    private byte[] wrap(Session session, long kek, long key, int octets) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(octets + 16L);
            int length = session.wrapKey(profile().aesKeyWrapPadded(), kek, key, out);
            return out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * The public key to be given to the partner; made now, unless the label is on offer already on this curve.
     *
     * @throws KeyException if the token cannot keep the user from deriving, holds a key of this label and purpose, or
     *     the label is on offer otherwise
     */
    public PublicKey offer(String label, Purpose purpose, Curve curve) {
        TransportKeys.requireUsable(label);
        requireKdf();
        requireDeriveTemplate();
        String object = purpose.object(label);
        ceremony.asUser(session -> {
            Ceremony.requireFree(session, object);
            return label;
        });
        return ceremony.asOfficer(session -> {
            long[] pending = find(session, Ck.CKO_PUBLIC_KEY, object);
            long publicKey = pending.length > 0
                    ? pending[0]
                    : session.generateKeyPair(
                                    curve.keyPairGeneration(profile()),
                                    KeyPolicy.offeredPublicKey(PAIR_PREFIX + object, curve.parameters(profile())),
                                    KeyPolicy.offeredPrivateKey(PAIR_PREFIX + object))
                            .publicKey();
            return curve.publicKey(point(session, publicKey, curve));
        });
    }

    /**
     * Takes the key and destroys the pair.
     *
     * @param label as offered; the partner must have used the same
     * @param ephemeralKey the partner's public point
     * @param stated the check values that the partner tells
     * @throws KeyException if nothing of this label is on offer, the key does not unwrap, or is another than stated;
     *     then the pair stays and nothing else does
     */
    public Kcv receive(String label, Purpose purpose, byte[] ephemeralKey, byte[] wrapped, Kcv stated) {
        requireKdf();
        requireDeriveTemplate();
        String object = purpose.object(label);
        Curve curve = Curve.ofPoint(ephemeralKey);
        byte[] theirs = curve.checked(ephemeralKey);
        Kcv kcv = ceremony.makeTrusted(object, false, (session, draft) -> {
            byte[] info = AgreementInfo.sharedInfo(
                    wrapping(curve), label, theirs, point(session, only(session, Ck.CKO_PUBLIC_KEY, object), curve));
            Template arriving = purpose == Purpose.KI
                    ? KeyPolicy.arrivingDraft(draft, KeyRole.INCOMING_TRANSPORT)
                    : KeyPolicy.arrivingOpcKeyDraft(draft);
            long key = unwrap(session, only(session, Ck.CKO_PRIVATE_KEY, object), theirs, info, wrapped, arriving);
            TransportKeyReceipt.requireStated(session, key, CheckValues.ofDraft(session, key), stated);
            return key;
        });
        ceremony.asOfficer(session -> {
            for (long objectClass : new long[] {Ck.CKO_PUBLIC_KEY, Ck.CKO_PRIVATE_KEY}) {
                for (long half : find(session, objectClass, object)) {
                    session.destroyObject(half);
                }
            }
            return object;
        });
        return kcv;
    }

    private long unwrap(
            Session session, long privateKey, byte[] theirs, byte[] info, byte[] wrapped, Template arriving) {
        try (Arena arena = Arena.ofConfined()) {
            long kek = derive(session, privateKey, theirs, info, Cka.UNWRAP);
            try {
                return session.unwrapKey(
                        profile().aesKeyUnwrapPadded(),
                        kek,
                        arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped),
                        wrapped.length,
                        arriving);
            } finally {
                session.destroyObject(kek);
            }
        } catch (Pkcs11Exception e) {
            throw new KeyException(
                    "the transport key does not unwrap: it was damaged, or wrapped for another key pair or label ("
                            + e.getMessage() + "); ask the partner for it again",
                    e);
        }
    }

    private static long derive(Session session, long privateKey, byte[] theirs, byte[] info, Cka right) {
        return session.deriveKey(
                Mechanism.ecdh(EcdhKdf.SHA256.code(), info, theirs), privateKey, KeyPolicy.agreedKey(right));
    }

    /** Tokens give the point bare or in a DER octet string. */
    private static byte[] point(Session session, long publicKey, Curve curve) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONGEST_POINT);
            long length = session.getAttribute(publicKey, Cka.EC_POINT, out);
            if (length == Ck.UNAVAILABLE) {
                throw new KeyException("the label is on offer for RSA already; receive that key first");
            }
            return curve.ofToken(out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static long only(Session session, long objectClass, String object) {
        long[] found = find(session, objectClass, object);
        if (found.length != 1) {
            throw TransportKeyReceipt.notOffered(object);
        }
        return found[0];
    }

    private static long[] find(Session session, long objectClass, String object) {
        return session.findObjects(Template.builder()
                .with(Cka.CLASS, objectClass)
                .with(Cka.TOKEN, true)
                .label(PAIR_PREFIX + object)
                .build());
    }

    private void requireKdf() {
        TokenProfile.Ecdh ecdh = profile().ecdh();
        if (ecdh == null || !ecdh.kdfs().contains(EcdhKdf.SHA256)) {
            throw new KeyException("a token of profile " + profile().family()
                    + " does not run the key derivation of ECDH (ecdh.kdfs has no sha256), and the host must not see"
                    + " the agreed secret: exchange the key under RSA");
        }
    }

    private void requireDeriveTemplate() {
        TokenProfile.Ecdh ecdh = profile().ecdh();
        if (ecdh == null || ecdh.deriveTemplate() != Support.SUPPORTED) {
            throw new KeyException("a token of profile " + profile().family()
                    + " is not known to keep the user from deriving with the offered pair (ecdh.deriveTemplate):"
                    + " offer an RSA key");
        }
    }

    private TokenProfile profile() {
        return ceremony.profile();
    }
}
