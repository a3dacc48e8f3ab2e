package org.kiln.transfer.openpgp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Identities and messages to test with. */
public final class Messages {

    static final InstantSource CLOCK = InstantSource.system();

    public static final PgpIdentity OPERATOR = identity("Kiln Telecom <keys@example.org>");
    public static final PgpIdentity VENDOR = identity("ACME Cards <data@example.com>");

    private Messages() {}

    static PgpIdentity identity(String name) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            return PgpIdentity.of(
                    pair.getPrivate(), pair.getPublic(), null, name, Instant.parse("2026-01-01T00:00:00Z"));
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] seal(PgpIdentity signer, byte[] content, PgpCertificate... recipients) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PgpSealer(signer, List.of(recipients), CLOCK).seal(out, "batch.zip", to -> to.write(content));
        return out.toByteArray();
    }
}
