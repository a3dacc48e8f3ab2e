package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.transfer.openpgp.Gpg;
import org.kiln.transfer.openpgp.PgpCertificate;
import org.kiln.transfer.openpgp.PgpIdentity;
import org.kiln.transfer.openpgp.PgpOpener;
import org.kiln.transfer.openpgp.PgpSealer;

/** A key that never leaves its token signs OpenPGP messages and opens them. */
class OpenPgpTokenTest {

    private static final byte[] CONTENT = "content".repeat(10_000).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    @Test
    void aTokenKeySignsForGpgAndOpensWhatGpgEncrypted() throws Exception {
        try (TestRecipient recipient = new TestRecipient();
                Gpg gpg = new Gpg()) {
            PgpIdentity token = PgpIdentity.of(
                    recipient.identity.key(),
                    recipient.identity.certificate().getPublicKey(),
                    recipient.identity.provider(),
                    "Token <token@example.org>",
                    recipient.identity.certificate().getNotBefore().toInstant());
            PgpCertificate partner = gpg.partner("ed25519", "cv25519");
            gpg.trust(token.certificate());
            Path sealed = folder.resolve("to-partner.pgp");
            try (OutputStream out = Files.newOutputStream(sealed)) {
                new PgpSealer(token, List.of(partner), InstantSource.system())
                        .seal(out, "batch.zip", to -> to.write(CONTENT));
            }
            Path opened = folder.resolve("opened");
            Path answer = folder.resolve("to-token.pgp");

            assertThat(gpg.run("--status-fd", "1", "--output", opened.toString(), "--decrypt", sealed.toString()))
                    .contains("VALIDSIG " + token.certificate().fingerprint());
            assertThat(opened).hasBinaryContent(CONTENT);
            gpg.run(
                    "--recipient",
                    token.certificate().fingerprint(),
                    "--output",
                    answer.toString(),
                    "--sign",
                    "--encrypt",
                    opened.toString());
            PgpOpener opener = new PgpOpener(token, Set.of(partner), InstantSource.system());
            assertThat(opener.<byte[]>open(answer, opener.verify(answer), InputStream::readAllBytes))
                    .isEqualTo(CONTENT);
        }
    }
}
