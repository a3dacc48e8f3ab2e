package org.kiln.transfer.openpgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.bouncycastle.openpgp.PGPUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.fuzz.Fuzz;

/** A mutant of a message is refused by an {@link OpenPgpException}, or opens to the very same content. */
class OpenPgpFuzzTest {

    private static final byte[] CONTENT = "key".repeat(7).getBytes(StandardCharsets.US_ASCII);

    private final PgpOpener opener =
            new PgpOpener(Messages.VENDOR, Set.of(Messages.OPERATOR.certificate()), Messages.CLOCK);

    @TempDir
    private Path folder;

    @Test
    void messages() throws IOException {
        run(Fuzz.of("openpgp", message()).shortRun(3000), this::opens);
    }

    /** Anybody can encrypt to a recipient, so what is inside meets mutants whose code is right. */
    @Test
    void signedParts() throws IOException {
        byte[] inside = Inside.of(message(), Messages.VENDOR);
        opens(Inside.encrypted(inside, Messages.VENDOR.certificate()));
        run(
                Fuzz.of("openpgp-signed", inside).shortRun(2000),
                mutant -> opens(Inside.encrypted(mutant, Messages.VENDOR.certificate())));
    }

    @Test
    void certificates() throws IOException {
        byte[] armoured = Messages.VENDOR.certificate().armoured().getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream binary = new ByteArrayOutputStream();
        PGPUtil.getDecoderStream(new ByteArrayInputStream(armoured)).transferTo(binary);
        run(Fuzz.of("openpgp-certificate", binary.toByteArray(), armoured).shortRun(2000), mutant -> {
            PgpCertificate read = PgpCertificate.read(new ByteArrayInputStream(mutant));
            assertThat(new PgpSealer(Messages.OPERATOR, List.of(read), Messages.CLOCK))
                    .isNotNull();
        });
    }

    private static void run(Fuzz fuzz, Fuzz.Decoder decoder) {
        assertThat(fuzz.run(decoder, OpenPgpException.class)).isPositive();
    }

    private static byte[] message() throws IOException {
        return Messages.seal(Messages.OPERATOR, CONTENT, Messages.VENDOR.certificate());
    }

    private void opens(byte[] message) throws IOException {
        Path file = Files.write(folder.resolve("message.pgp"), message);
        assertThat(opener.<byte[]>open(file, opener.verify(file), InputStream::readAllBytes))
                .isEqualTo(CONTENT);
    }
}
