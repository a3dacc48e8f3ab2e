package org.kiln.transfer.keyblock;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * How a wrapping key is agreed: Z is the shared x-coordinate of the sender's ephemeral key and the recipient's key (NIST SP
 * 800-56A, C(1e, 1s, ECC CDH)), and the AES-256 key is SHA-256(Z || 00000001 || SharedInfo), the one block of the KDF of
 * ANSI X9.63 (SEC 1 clause 3.6.1, {@code CKD_SHA256_KDF}).
 */
public final class AgreementInfo {

    /** Octets of the agreed AES key. */
    public static final int KEY_OCTETS = 32;

    private AgreementInfo() {}

    /**
     * SharedInfo: the format, the way of wrapping, the transport key's label, the ephemeral and the recipient's public
     * point, each after its length in two octets.
     *
     * @param ephemeralKey as in {@link TransportKeyFile#ephemeralKey}
     * @param recipientKey in the same form
     */
    public static byte[] sharedInfo(
            TransportKeyFile.Wrapping wrapping, String label, byte[] ephemeralKey, byte[] recipientKey) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            for (byte[] part : new byte[][] {
                TransportKeyFile.AGREED_FORMAT.getBytes(StandardCharsets.US_ASCII),
                wrapping.name().getBytes(StandardCharsets.US_ASCII),
                label.getBytes(StandardCharsets.UTF_8),
                ephemeralKey,
                recipientKey
            }) {
                out.writeShort(part.length);
                out.write(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }
}
