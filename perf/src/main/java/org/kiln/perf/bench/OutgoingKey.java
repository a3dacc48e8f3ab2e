package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.kiln.personalisation.demo.KilnProcess;

/**
 * Makes outgoing transport keys, for partners with an RSA key each.
 *
 * @param data the node's folder
 * @param scratch where the files go
 */
record OutgoingKey(Path data, Path scratch) {

    private static final int RSA_BITS = 3072;

    void make(String label, String partner) throws IOException, InterruptedException, GeneralSecurityException {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(RSA_BITS);
        Path recipient = scratch.resolve(label + ".pem");
        Files.writeString(
                recipient,
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        rsa.generateKeyPair().getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        var _ = KilnProcess.succeed(
                "transport-key",
                "create",
                "--data",
                data.toString(),
                "--label",
                label,
                "--partner",
                partner,
                "--for",
                recipient.toString(),
                "--out",
                scratch.resolve(label + ".key").toString());
    }
}
