package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.interfaces.RSAPublicKey;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.KeyPairHandles;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/**
 * Takes incoming transport keys that a partner wrapped by RSA-OAEP for this token.
 *
 * <p>The officer offers the public half of a pair of his own, made for this one key; the partner wraps the key under it;
 * the officer unwraps it as TRUSTED and destroys the pair. The user cannot unwrap with the pair.
 */
public final class TransportKeyReceipt {

    private static final String PAIR_PREFIX = "receiving/";

    private final Ceremony ceremony;

    public TransportKeyReceipt(Ceremony ceremony) {
        this.ceremony = ceremony;
    }

    /** What the key will unwrap. */
    public enum Purpose {
        /** Keys that stay hidden. */
        KI,
        /** OPc, which the host may read: the key that goes with the transport key of the same label. */
        OPC;

        /** The label of the object that becomes of the transport key. */
        String object(String label) {
            return this == OPC ? KeyLabels.opcOf(label) : label;
        }
    }

    /**
     * The public key to be given to the partner; made now, unless the label is on offer already.
     *
     * @param label the transport key's label
     * @throws KeyException if the token holds a key of this label and purpose
     */
    public RSAPublicKey offer(String label, Purpose purpose) {
        TransportKeys.requireUsable(label);
        String object = purpose.object(label);
        ceremony.asUser(session -> {
            Ceremony.requireFree(session, object);
            return label;
        });
        return ceremony.asOfficer(session -> {
            long[] pending = find(session, Ck.CKO_PUBLIC_KEY, object);
            if (pending.length > 0) {
                return RsaKeys.read(session, pending[0]);
            }
            KeyPairHandles pair = session.generateKeyPair(
                    Mechanism.of(Ckm.RSA_PKCS_KEY_PAIR_GEN),
                    KeyPolicy.receivingPublicKey(PAIR_PREFIX + object),
                    KeyPolicy.receivingPrivateKey(PAIR_PREFIX + object, purpose == Purpose.KI));
            return RsaKeys.read(session, pair.publicKey());
        });
    }

    /**
     * Takes the key and destroys the pair.
     *
     * @param oaep as the partner's file tells
     * @param stated the check values that the partner tells
     * @throws KeyException if nothing of this label is on offer, the key does not unwrap, or is another than stated;
     *     then the pair stays and nothing else does
     */
    public Kcv receive(String label, Purpose purpose, Mechanism oaep, byte[] wrapped, Kcv stated) {
        String object = purpose.object(label);
        Kcv kcv = purpose == Purpose.KI
                ? ceremony.makeTrusted(object, false, (session, draft) -> {
                    long key = unwrap(
                            session, object, oaep, wrapped, KeyPolicy.arrivingDraft(draft, KeyRole.INCOMING_TRANSPORT));
                    requireStated(session, key, CheckValues.ofDraft(session, key), stated);
                    return key;
                })
                : receiveOpcKey(object, oaep, wrapped, stated);
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

    private Kcv receiveOpcKey(String object, Mechanism oaep, byte[] wrapped, Kcv stated) {
        KeyPolicy policy = new KeyPolicy(ceremony.profile().privateSessionObjects());
        return ceremony.asUser(session -> {
            Ceremony.requireFree(session, object);
            long onTrial = unwrap(session, object, oaep, wrapped, policy.arrivingOnTrial());
            Kcv kcv;
            try {
                kcv = CheckValues.compute(session, onTrial);
            } finally {
                session.destroyObject(onTrial);
            }
            if (!kcv.equals(stated)) {
                throw differs(kcv, stated);
            }
            unwrap(session, object, oaep, wrapped, KeyPolicy.arrivingIncomingOpcKey(object));
            return kcv;
        });
    }

    private static long unwrap(Session session, String object, Mechanism oaep, byte[] wrapped, Template template) {
        long[] pair = find(session, Ck.CKO_PRIVATE_KEY, object);
        if (pair.length != 1) {
            throw notOffered(object);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped);
            return session.unwrapKey(oaep, pair[0], in, wrapped.length, template);
        } catch (Pkcs11Exception e) {
            throw new KeyException(
                    "the transport key does not unwrap: it was damaged, or wrapped for another key pair ("
                            + e.getMessage() + "); ask the partner for it again",
                    e);
        }
    }

    static KeyException notOffered(String object) {
        return new KeyException("no key pair is on offer for '" + object + "': begin with 'kiln transport-key offer'");
    }

    static void requireStated(Session session, long key, Kcv found, Kcv stated) {
        if (!found.equals(stated)) {
            session.destroyObject(key);
            throw differs(found, stated);
        }
    }

    private static KeyException differs(Kcv found, Kcv stated) {
        return new KeyException("the transport key has the check values " + found + ", not " + stated
                + ": ask the partner for it again");
    }

    private static long[] find(Session session, long objectClass, String object) {
        return session.findObjects(Template.builder()
                .with(Cka.CLASS, objectClass)
                .with(Cka.TOKEN, true)
                .label(PAIR_PREFIX + object)
                .build());
    }
}
