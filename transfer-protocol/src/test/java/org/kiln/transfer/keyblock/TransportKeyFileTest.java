package org.kiln.transfer.keyblock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportKeyFileTest {

    static final TransportKeyFile GOOD = new TransportKeyFile(
            TransportKeyFile.FORMAT,
            "acme-out",
            "operator",
            "acme",
            "AES-192",
            "A1B2C3",
            "0123456789",
            TransportKeyFile.Wrapping.RSA_OAEP_SHA256,
            "ab".repeat(32),
            null,
            "00".repeat(384));

    static final TransportKeyFile AGREED = new TransportKeyFile(
            TransportKeyFile.AGREED_FORMAT,
            "acme-out",
            "operator",
            "acme",
            "AES-192",
            "A1B2C3",
            "0123456789",
            TransportKeyFile.Wrapping.ECDH_X25519_SHA256_KWP,
            "ab".repeat(32),
            "cd".repeat(32),
            "00".repeat(32));

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

    @Test
    void anAgreedKeyIsReadWithItsEphemeralKey() throws IOException {
        Path file = folder.resolve("agreed");
        AGREED.write(file);
        assertThat(TransportKeyFile.read(file)).isEqualTo(AGREED);
        assertThat(AGREED.ephemeralOctets()).hasSize(32);
        String text = Files.readString(file);
        for (String wrong : new String[] {
            text.replace("cd".repeat(32), "cd".repeat(31)),
            text.replace("\"" + "cd".repeat(32) + "\"", "null"),
            text.replace("X25519", "P256"),
            text.replace("kiln-transport-key/2", "kiln-transport-key/1")
        }) {
            assertThatThrownBy(() -> TransportKeyFile.read(write(wrong)))
                    .isInstanceOf(KeyFileException.class)
                    .hasMessageMatching("(?s).*(ephemeralKey|format).*");
        }
    }

    /** What Kiln wrote before there was a second format. */
    @Test
    void formatOneHasNoEphemeralKey() throws IOException {
        assertThat(good()).contains("kiln-transport-key/1").doesNotContain("ephemeralKey");
        Path file = write(good().replace("\"acme\"", "null"));
        assertThatThrownBy(() -> TransportKeyFile.read(file)).hasMessageContaining("to");
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
}
