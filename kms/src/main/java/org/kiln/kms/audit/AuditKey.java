package org.kiln.kms.audit;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Instant;
import java.util.HexFormat;

/**
 * A change of the key that signs the log: the last checkpoint of the key before, which names the key that signs from there on.
 *
 * @param number from 1; key 0 is the token's first
 * @param count of the entries that it covers, from the first; the last of them tells of the change
 * @param root of the Merkle tree over their hashes, 64 hexadecimal digits
 * @param publicKey SubjectPublicKeyInfo of the new key, in hexadecimal
 * @param signer likewise of the key that signs this: the one before, or the new one itself where that was lost
 * @param signature ECDSA with SHA-256, in hexadecimal
 */
public record AuditKey(
        long number, long count, String root, Instant at, String publicKey, String signer, String signature) {

    static byte[] signed(long number, long count, String root, Instant at, String publicKey, String signer) {
        return ("kiln-audit-key/1\n" + number + "\n" + count + "\n" + root + "\n" + at + "\n" + publicKey + "\n"
                        + signer + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    static String encoded(PublicKey key) {
        return HexFormat.of().formatHex(key.getEncoded());
    }

    /** Whether {@code key} has signed it, and is the one that it says has. */
    boolean isSignedBy(PublicKey key) {
        return encoded(key).equals(signer)
                && Checkpoint.isSigned(signed(number, count, root, at, publicKey, signer), signature, key);
    }
}
