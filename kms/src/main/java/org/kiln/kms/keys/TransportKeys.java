package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Optional;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;

/** The ceremonies of transport keys: from custodians' components, or born here and exported to the partner. */
public final class TransportKeys {

    private static final int FEWEST_COMPONENTS = 2;
    private static final int MOST_COMPONENTS = 5;

    private final Ceremony ceremony;

    public TransportKeys(Ceremony ceremony) {
        this.ceremony = ceremony;
    }

    /** How a transport key is used. */
    public enum Direction {
        /** Unwraps what a partner sends. */
        INCOMING,
        /** Wraps what a partner gets. */
        OUTGOING,
        /** Protects the key blocks (ANSI X9.143) in what a partner gets, and nothing else. */
        KEY_BLOCKS;

        /** The label of the token's object of such a key. */
        public String object(String label) {
            return this == KEY_BLOCKS ? KeyLabels.cardKeyBlock(label) : label;
        }

        KeyRole role() {
            return switch (this) {
                case INCOMING -> KeyRole.INCOMING_TRANSPORT;
                case OUTGOING -> KeyRole.OUTGOING_TRANSPORT;
                case KEY_BLOCKS -> KeyRole.KEY_BLOCKS;
            };
        }
    }

    /**
     * Combines XOR components into a transport key. An incoming key becomes two objects of one value: {@code label} for
     * keys that stay hidden and {@code label/opc} for OPc, which the host may read.
     *
     * @param components 2 to 5 of 16, 24 or 32 octets each, all alike; closed by the caller
     * @param statedKcv the result's check value as the partner stated it, in either convention
     * @return the result's check values
     * @throws KeyException if a component is of another length, the result's check value is not as stated, or the label
     *     is taken
     */
    public Kcv importFromComponents(
            String label, Direction direction, List<KeyComponent> components, Optional<String> statedKcv) {
        requireUsable(label);
        try (Secret value = combined(components, statedKcv)) {
            Kcv kcv = ceremony.checkValues(value);
            ceremony.importTrusted(direction.object(label), direction.role(), value);
            if (direction == Direction.INCOMING) {
                ceremony.importIncomingOpcKey(KeyLabels.opcOf(label), value);
            }
            return kcv;
        }
    }

    /** The key that components make, each of which and the whole match their check values; the caller closes it. */
    Secret combined(List<KeyComponent> components, Optional<String> statedKcv) {
        if (components.size() < FEWEST_COMPONENTS || components.size() > MOST_COMPONENTS) {
            throw new KeyException("a key is made of " + FEWEST_COMPONENTS + " to " + MOST_COMPONENTS
                    + " components, not " + components.size());
        }
        for (KeyComponent component : components) {
            requireMatch(component);
        }
        Secret value = KeyComponent.combine(components);
        try {
            Kcv kcv = ceremony.checkValues(value);
            if (statedKcv.isPresent() && !kcv.matches(statedKcv.get())) {
                throw new KeyException("the key made of these components has the check value " + kcv + ", not "
                        + statedKcv.get() + ": a component is wrong or missing");
            }
            return value;
        } catch (RuntimeException e) {
            value.close();
            throw e;
        }
    }

    /**
     * Generates an outgoing transport key.
     *
     * @param octets 16, 24 or 32
     */
    public Kcv generate(String label, int octets) {
        requireUsable(label);
        requireAesLength(octets);
        return ceremony.generateTrusted(label, KeyRole.OUTGOING_TRANSPORT, octets);
    }

    /**
     * A transport key on its way to its partner.
     *
     * @param wrapped the key under the partner's RSA key
     */
    public record Exported(byte[] wrapped, Kcv kcv) {}

    /**
     * Generates an outgoing transport key and wraps it in the officer's session under the partner's public key, by the
     * RSA-OAEP of the token's profile.
     *
     * @param octets 16, 24 or 32
     * @param partner of at least 3072 bits, whose origin the officer has checked
     */
    public Exported generateFor(String label, int octets, RSAPublicKey partner) {
        return generateFor(label, Direction.OUTGOING, octets, partner);
    }

    /**
     * As {@link #generateFor(String, int, RSAPublicKey)}.
     *
     * @param direction OUTGOING or KEY_BLOCKS
     */
    public Exported generateFor(String label, Direction direction, int octets, RSAPublicKey partner) {
        requireUsable(label);
        requireAesLength(octets);
        RsaKeys.requireLongEnough(partner);
        byte[][] wrapped = new byte[1][];
        Kcv kcv = ceremony.makeTrusted(direction.object(label), true, (session, draft) -> {
            long key = session.generateKey(
                    Mechanism.of(Ckm.AES_KEY_GEN), KeyPolicy.trustedDraft(draft, direction.role(), octets, true));
            wrapped[0] = wrap(session, draft, key, partner);
            return key;
        });
        return new Exported(wrapped[0], kcv);
    }

    private byte[] wrap(Session session, String draft, long key, RSAPublicKey partner) {
        long publicKey = session.createObject(KeyPolicy.partnerPublicKey(
                draft + "/partner",
                RsaKeys.unsigned(partner.getModulus()),
                RsaKeys.unsigned(partner.getPublicExponent())));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(partner.getModulus().bitLength() / 8 + 8);
            int length = session.wrapKey(ceremony.profile().oaep(), publicKey, key, out);
            return out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            session.destroyObject(publicKey);
        }
    }

    /** Destroys a transport key, its object for OPc too; does nothing if the token holds none. */
    public void destroy(String label) {
        ceremony.asUser(session -> {
            for (String each : List.of(label, KeyLabels.opcOf(label), KeyLabels.cardKeyBlock(label))) {
                KeyRing.find(session, Ck.CKO_SECRET_KEY, each).ifPresent(session::destroyObject);
            }
            return label;
        });
    }

    private void requireMatch(KeyComponent component) {
        Kcv kcv = ceremony.checkValues(component.value());
        if (!kcv.matches(component.statedKcv())) {
            throw new KeyException("component " + component.name() + " states the check value " + component.statedKcv()
                    + " but has " + kcv + ": type it again or ask its custodian");
        }
    }

    static void requireUsable(String label) {
        if (!label.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}") || KeyLabels.reserved(label)) {
            throw new KeyException("'" + label + "' cannot label a transport key: use 1 to 63 letters, digits, dots, "
                    + "dashes and underlines, and none of Kiln's own labels");
        }
    }

    static void requireAesLength(int octets) {
        if (octets != 16 && octets != 24 && octets != 32) {
            throw new KeyException("an AES key has 128, 192 or 256 bits, not " + 8 * octets);
        }
    }
}
