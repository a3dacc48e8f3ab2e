package org.kiln.transfer.keyblock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportKeyFileTest {

    private static final TransportKeyFile GOOD = new TransportKeyFile(
            TransportKeyFile.FORMAT,
            "acme-out",
            "operator",
            "acme",
            "AES-192",
            "A1B2C3",
            "0123456789",
            TransportKeyFile.Wrapping.RSA_OAEP_SHA256,
            "ab".repeat(32),
            "00".repeat(384));

    @TempDir
    private Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("key"), text);
    }

    private String good() throws IOException {
        Path file = folder.resolve("good");
        GOOD.write(file);
        return Files.readString(file);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        assertThat(TransportKeyFile.read(write(good()))).isEqualTo(GOOD);
        assertThat(GOOD.octets()).isEqualTo(24);
    }

    @ParameterizedTest
    @CsvSource({
        "kiln-transport-key/1, kiln-transport-key/9, format",
        "AES-192, DES3, algorithm",
        "A1B2C3, a1b2c3, kcvZero",
        "0123456789, 01234, kcvCmac",
        "RSA_OAEP_SHA256, RSA_PKCS1, wrapping",
        "acme-out, ../../etc, label",
        "kcvCmac, kcvMac, kcv"
    })
    void aWrongFieldIsNamed(String right, String wrong, String field) throws IOException {
        Path file = write(good().replace(right, wrong));

        assertThatThrownBy(() -> TransportKeyFile.read(file))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(field);
    }

    /** Seeded: whatever is changed, the answer is a key file or a {@link KeyFileException}. */
    @Test
    void anyChangeIsReadOrRefused() throws IOException {
        Random random = new Random(20_261_124);
        byte[] good = good().getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 20_000; round++) {
            byte[] changed = good.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(folder.resolve("fuzz"), changed);
            try {
                TransportKeyFile.read(file);
            } catch (KeyFileException e) {
                assertThat(e).hasMessageContaining("no transport-key file");
            }
        }
    }
}
