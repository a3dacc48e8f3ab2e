package org.kiln.kms.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.HexFormat;

/**
 * What the token signed of the log.
 *
 * @param count of the entries that it covers, from the first
 * @param root of the Merkle tree over their hashes, 64 hexadecimal digits
 * @param signature ECDSA with SHA-256, in hexadecimal
 */
public record Checkpoint(long count, String root, Instant at, String signature) {

    static final String ALGORITHM = "SHA256withECDSA";

    /** The octets that are signed. */
    static byte[] signed(long count, String root, Instant at) {
        return ("kiln-audit-checkpoint/1\n" + count + "\n" + root + "\n" + at + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether {@code key} has signed it. */
    boolean isSignedBy(PublicKey key) {
        return isSigned(signed(count, root, at), signature, key);
    }

    static boolean isSigned(byte[] octets, String signature, PublicKey key) {
        try {
            Signature verifying = Signature.getInstance(ALGORITHM);
            verifying.initVerify(key);
            verifying.update(octets);
            return verifying.verify(HexFormat.of().parseHex(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }
}
