package org.kiln.personalisation.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleartextScanTest {

    private static final byte[] KEY = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
    private static final int BUFFER = 1 << 20;

    @TempDir
    private Path folder;

    private final CleartextScan scan = new CleartextScan();

    @BeforeEach
    void look() {
        scan.add(KEY);
        scan.add(HexFormat.of().parseHex("0123456789abcdef"));
    }

    private void plant(int size, int at, byte[] what) throws Exception {
        byte[] content = new byte[size];
        new Random(1).nextBytes(content);
        System.arraycopy(what, 0, content, at, what.length);
        Files.write(folder.resolve("file"), content);
    }

    @Test
    void findsASecretInEveryFormAndPlace() throws Exception {
        byte[] lower = HexFormat.of().formatHex(KEY).getBytes();
        byte[] upper = HexFormat.of().withUpperCase().formatHex(KEY).getBytes();
        for (byte[] form : new byte[][] {KEY, lower, upper}) {
            for (int at : new int[] {0, 17, BUFFER - 1, BUFFER - 5, BUFFER - form.length, BUFFER, BUFFER + 1}) {
                plant(2 * BUFFER, at, form);
                assertThat(scan.below(folder).found()).as("at %d", at).hasSize(1);
            }
            plant(2 * BUFFER, 2 * BUFFER - form.length, form);
            assertThat(scan.below(folder).found()).hasSize(1);
        }
    }

    @Test
    void findsNothingWhereNothingIs() throws Exception {
        byte[] nearly = KEY.clone();
        nearly[15] ^= 1;
        plant(BUFFER, 100, nearly);
        CleartextScan.Result result = scan.below(folder);
        assertThat(result.found()).isEmpty();
        assertThat(result.files()).isEqualTo(1);
        assertThat(result.octets()).isEqualTo(BUFFER);
    }
}
