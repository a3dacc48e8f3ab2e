package org.kiln.kms.keys;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * Master keys from which keys of cards are derived, on a token of their own, whose PIN the vector path does not have. A key
 * derived is the encryption of its data under the master ({@code CKM_AES_ECB_ENCRYPT_DATA}), or the output of the KDF of
 * SP 800-108 ({@code CKM_SP800_108_COUNTER_KDF}) where the token has it.
 *
 * <p>The masters' token is another than that in which cards are made, and no key that it derives could leave it wrapped but
 * under a key that both hold: the host reads each for the moment that it takes to bring it over, and whoever has this
 * token's PIN can derive every card's keys.
 */
public final class DiversificationMasters implements AutoCloseable {

    private static final Set<Ckr> REFUSED =
            Set.of(Ckr.MECHANISM_INVALID, Ckr.MECHANISM_PARAM_INVALID, Ckr.FUNCTION_NOT_SUPPORTED, Ckr.ARGUMENTS_BAD);
    private static final int FEWEST_COMPONENTS = 2;
    private static final int MOST_COMPONENTS = 5;

    private final TokenCluster tokens;
    private final KeyRing ring = new KeyRing();

    /** @param tokens the masters' token alone; closed with this */
    public DiversificationMasters(TokenCluster tokens) {
        this.tokens = tokens;
    }

    /**
     * Requires a master that derives so, by having it derive a key that nobody sees.
     *
     * @param trial the mechanism with data that no card has
     * @throws KeyException if the token has no master of this label, or has not the mechanism, or the binding cannot pass it
     */
    public void require(String label, Mechanism trial, int octets) {
        tokens.call(session -> {
            long master = master(session, label);
            try {
                session.destroyObject(session.deriveKey(trial, master, KeyPolicy.derivedReadable(octets)));
                return label;
            } catch (Pkcs11Exception e) {
                if (REFUSED.contains(e.ckr())) {
                    throw new KeyException("the masters' token derives no key by " + trial + " (" + e.getMessage()
                            + "); 'kiln hsm probe' lists what it has");
                }
                throw e;
            } catch (UnsupportedOperationException e) {
                throw new KeyException(String.valueOf(e.getMessage()));
            }
        });
    }

    private long master(Session session, String label) {
        try {
            return ring.secretKey(session, label);
        } catch (KeyException e) {
            throw new KeyException(
                    "on the masters' token: " + e.getMessage() + "; 'kiln master-key import' makes a master");
        }
    }

    /**
     * Derives a key.
     *
     * @param how the mechanism, with data that say which key it is; nothing secret
     * @param out takes the key, from a thread of the masters' token; the caller wipes it
     * @throws KeyException if the token has no master of this label
     */
    public void derive(String label, Mechanism how, MemorySegment out) {
        tokens.call(session -> derive(session, ring.secretKey(session, label), how, out));
    }

    private static long derive(Session session, long master, Mechanism how, MemorySegment out) {
        long derived = session.deriveKey(how, master, KeyPolicy.derivedReadable(Math.toIntExact(out.byteSize())));
        try {
            long length = session.getAttribute(derived, Cka.VALUE, out);
            if (length != out.byteSize()) {
                throw new KeyException("the masters' token derives " + length + " octets instead of " + out.byteSize());
            }
            return length;
        } finally {
            session.destroyObject(derived);
        }
    }

    /**
     * Makes a master of components that custodians brought.
     *
     * @return its check value: the first three octets of the encrypted zero block
     * @throws KeyException if the label is taken, a component does not match its check value, or there are too few or many
     */
    public String importFromComponents(String label, List<KeyComponent> components) {
        if (components.size() < FEWEST_COMPONENTS || components.size() > MOST_COMPONENTS) {
            throw new KeyException("a master key is made of " + FEWEST_COMPONENTS + " to " + MOST_COMPONENTS
                    + " components, not " + components.size());
        }
        components.forEach(component -> tokens.call(session -> matched(session, component)));
        try (Secret value = KeyComponent.combine(components)) {
            MemorySegment octets = value.expose(SecretAccess.granted());
            return tokens.call(session -> {
                Ceremony.requireFree(session, label);
                String kcv = checkValues(session, octets).zeroBlock();
                session.createObject(KeyPolicy.diversificationMaster(label, octets));
                return kcv;
            });
        }
    }

    private Kcv matched(Session session, KeyComponent component) {
        Kcv kcv = checkValues(session, component.value().expose(SecretAccess.granted()));
        if (!kcv.matches(component.statedKcv())) {
            throw new KeyException("component " + component.name() + " states the check value " + component.statedKcv()
                    + " but has " + kcv + ": ask its custodian");
        }
        return kcv;
    }

    private Kcv checkValues(Session session, MemorySegment value) {
        KeyPolicy policy = new KeyPolicy(tokens.profile().privateSessionObjects());
        long key = session.createObject(policy.checkValueKey(value));
        try {
            return CheckValues.compute(session, key);
        } finally {
            session.destroyObject(key);
        }
    }

    @Override
    public void close() {
        tokens.close();
    }
}
