package org.kiln.kms.keys;

import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Optional;
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
        INCOMING,
        OUTGOING
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
        if (components.size() < FEWEST_COMPONENTS || components.size() > MOST_COMPONENTS) {
            throw new KeyException("a transport key is made of " + FEWEST_COMPONENTS + " to " + MOST_COMPONENTS
                    + " components, not " + components.size());
        }
        for (KeyComponent component : components) {
            requireMatch(component);
        }
        try (Secret value = KeyComponent.combine(components)) {
            Kcv kcv = ceremony.checkValues(value);
            if (statedKcv.isPresent() && !kcv.matches(statedKcv.get())) {
                throw new KeyException("the key made of these components has the check value " + kcv + ", not "
                        + statedKcv.get() + ": a component is wrong or missing");
            }
            if (direction == Direction.INCOMING) {
                ceremony.importTrusted(label, KeyRole.INCOMING_TRANSPORT, value);
                ceremony.importIncomingOpcKey(KeyLabels.opcOf(label), value);
            } else {
                ceremony.importTrusted(label, KeyRole.OUTGOING_TRANSPORT, value);
            }
            return kcv;
        }
    }

    /** Generates an outgoing transport key of 32 octets. */
    public void generate(String label) {
        requireUsable(label);
        ceremony.generateTrusted(label, KeyRole.OUTGOING_TRANSPORT);
    }

    /**
     * A transport key on its way to its partner.
     *
     * @param wrapped the key under the partner's RSA key
     * @param kcvZero its check value over a zero block, upper-case hexadecimal
     */
    public record Exported(byte[] wrapped, String kcvZero) {}

    /** Generates an outgoing transport key and wraps it (RSA-OAEP) under the partner's public key. */
    public Exported generateFor(String label, RSAPublicKey partner) {
        requireUsable(label);
        byte[] wrapped = ceremony.generateAndExport(label, partner);
        return new Exported(wrapped, ceremony.checkValue(label));
    }

    private void requireMatch(KeyComponent component) {
        Kcv kcv = ceremony.checkValues(component.value());
        if (!kcv.matches(component.statedKcv())) {
            throw new KeyException("component " + component.name() + " states the check value " + component.statedKcv()
                    + " but has " + kcv + ": type it again or ask its custodian");
        }
    }

    private static void requireUsable(String label) {
        if (!label.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}") || KeyLabels.reserved(label)) {
            throw new KeyException("'" + label + "' cannot label a transport key: use 1 to 63 letters, digits, dots, "
                    + "dashes and underlines, and none of Kiln's own labels");
        }
    }
}
