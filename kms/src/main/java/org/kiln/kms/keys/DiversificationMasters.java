package org.kiln.kms.keys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * Master keys from which keys of cards are derived, on a token of their own, whose PIN the vector path does not have. A key
 * derived is the encryption of its data under the master ({@code CKM_AES_ECB_ENCRYPT_DATA}).
 *
 * <p>No token tried hides what is derived so: the host reads it for the moment that it takes to bring it to the token where
 * cards are made, and whoever has this token's PIN can derive every card's keys.
 */
public final class DiversificationMasters implements AutoCloseable {

    private static final int BLOCK = 16;
    private static final int FEWEST_COMPONENTS = 2;
    private static final int MOST_COMPONENTS = 5;

    private final TokenCluster tokens;
    private final KeyRing ring = new KeyRing();

    /** @param tokens the masters' token alone; closed with this */
    public DiversificationMasters(TokenCluster tokens) {
        this.tokens = tokens;
    }

    /** @throws KeyException if the token has no master of this label */
    public void require(String label) {
        tokens.call(session -> ring.secretKey(session, label));
    }

    /**
     * Derives a key.
     *
     * @param data which key it is: 16 octets for a key of 16, 32 for one of 32; nothing secret
     * @param out takes the key, from a thread of the masters' token; the caller wipes it
     * @throws KeyException if the token has no master of this label
     */
    public void derive(String label, byte[] data, MemorySegment out) {
        tokens.call(session -> derive(session, ring.secretKey(session, label), data, out));
    }

    private static long derive(Session session, long master, byte[] data, MemorySegment out) {
        long derived = session.deriveKey(
                Mechanism.aesEcbData(data), master, KeyPolicy.derivedReadable(Math.toIntExact(out.byteSize())));
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
        try (Secret value = KeyComponent.combine(components);
                Secret check = Secret.ofSize(BLOCK)) {
            MemorySegment zeroBlock = check.expose(SecretAccess.granted());
            return tokens.call(session -> {
                Ceremony.requireFree(session, label);
                session.createObject(KeyPolicy.diversificationMaster(label, value.expose(SecretAccess.granted())));
                derive(session, ring.secretKey(session, label), new byte[BLOCK], zeroBlock);
                return HexFormat.of()
                        .withUpperCase()
                        .formatHex(zeroBlock.asSlice(0, Kcv.ZERO_BLOCK_OCTETS).toArray(ValueLayout.JAVA_BYTE));
            });
        }
    }

    private Kcv matched(Session session, KeyComponent component) {
        KeyPolicy policy = new KeyPolicy(tokens.profile().privateSessionObjects());
        long key = session.createObject(policy.checkValueKey(component.value().expose(SecretAccess.granted())));
        try {
            Kcv kcv = CheckValues.compute(session, key);
            if (!kcv.matches(component.statedKcv())) {
                throw new KeyException("component " + component.name() + " states the check value "
                        + component.statedKcv() + " but has " + kcv + ": ask its custodian");
            }
            return kcv;
        } finally {
            session.destroyObject(key);
        }
    }

    @Override
    public void close() {
        tokens.close();
    }
}
