package org.kiln.kms.keys;

/**
 * A key at rest: a blob wrapped with AES-KWP (RFC 5649) and the label of the key it is wrapped under.
 *
 * @param keyLabel such as {@code SK-1}
 * @param blob the wrapped octets; 24 for a key of 16
 */
public record WrappedKey(String keyLabel, byte[] blob) {

    /** In place of a key that there is not, such as an OPc of COMP128. */
    public static final WrappedKey NONE = new WrappedKey("", new byte[0]);

    @Override
    public String toString() {
        return "WrappedKey[" + keyLabel + ", " + blob.length + " octets]";
    }
}
