package org.kiln.kms.keys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * One custodian's share of a transport key: an XOR component with its check value.
 *
 * @param name where it came from, for messages
 * @param value 16, 24 or 32 octets
 * @param statedKcv the check value the custodian brought, hexadecimal
 */
public record KeyComponent(String name, Secret value, String statedKcv) implements AutoCloseable {

    /**
     * Reads a component file: the component in hexadecimal on the first line, its check value on the second.
     *
     * @throws KeyException naming the file and the line that is wrong
     */
    public static KeyComponent read(Path file) {
        try (SecretLines lines = new SecretLines(file)) {
            String kcv = lines.text(2);
            requireKcv(file + ", line 2", kcv);
            int digits = lines.size(1);
            if (digits != 32 && digits != 48 && digits != 64) {
                throw new KeyException(
                        file + ", line 1: expected a component of 32, 48 or 64 hexadecimal digits, found " + digits);
            }
            return new KeyComponent(file.toString(), lines.hex(1), kcv);
        }
    }

    /**
     * A component that somebody typed.
     *
     * @param hex the component in hexadecimal; closed here
     * @throws KeyException naming what is wrong
     */
    public static KeyComponent of(String name, Secret hex, String statedKcv) {
        try (hex) {
            requireKcv("the component " + name, statedKcv);
            if (hex.size() != 32 && hex.size() != 48 && hex.size() != 64) {
                throw new KeyException("the component " + name + " has " + hex.size()
                        + " digits; expected 32, 48 or 64 hexadecimal digits");
            }
            return new KeyComponent(name, Secret.fromHex(hex), statedKcv);
        } catch (IllegalArgumentException e) {
            throw new KeyException("the component " + name + ": " + e.getMessage(), e);
        }
    }

    private static void requireKcv(String where, String kcv) {
        if (!kcv.matches("[0-9A-Fa-f]{6,10}")) {
            throw new KeyException(where + ": expected the component's check value, 6 to 10 hexadecimal digits");
        }
    }

    /** The exclusive-or of all components. */
    static Secret combine(List<KeyComponent> components) {
        long size = components.getFirst().value().size();
        for (KeyComponent component : components) {
            if (component.value().size() != size) {
                throw new KeyException("component " + component.name() + " has "
                        + component.value().size() + " octets, the first has " + size
                        + ": all components of a key are of one length");
            }
        }
        Secret combined = Secret.ofSize(size);
        MemorySegment sum = combined.expose(SecretAccess.granted());
        for (KeyComponent component : components) {
            MemorySegment octets = component.value().expose(SecretAccess.granted());
            for (long i = 0; i < size; i++) {
                sum.set(ValueLayout.JAVA_BYTE, i, (byte)
                        (sum.get(ValueLayout.JAVA_BYTE, i) ^ octets.get(ValueLayout.JAVA_BYTE, i)));
            }
        }
        return combined;
    }

    @Override
    public void close() {
        value.close();
    }

    @Override
    public String toString() {
        return "KeyComponent[" + name + "]";
    }
}
