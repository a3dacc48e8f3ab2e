package org.kiln.kms.keys;

/**
 * A key at rest: a blob wrapped with AES-KWP (RFC 5649), or encrypted by AES blocks if it is an OPc, and the label of the key that
 * it lies under.
 *
 * @param keyLabel such as {@code SK-1}
 * @param blob the wrapped octets: 24 for a key of 16; of an OPc as many as it has
 */
public record WrappedKey(String keyLabel, byte[] blob) {

    /** In place of a key that there is not, such as an OPc of COMP128. */
    public static final WrappedKey NONE = new WrappedKey("", new byte[0]);

    @Override
    public String toString() {
        return "WrappedKey[" + keyLabel + ", " + blob.length + " octets]";
    }
}
