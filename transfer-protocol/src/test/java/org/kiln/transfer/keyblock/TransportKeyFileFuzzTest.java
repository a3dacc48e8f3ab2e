package org.kiln.transfer.keyblock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.fuzz.Fuzz;

/** Whatever is changed, the answer is a key file or a {@link KeyFileException}. */
class TransportKeyFileFuzzTest {

    @TempDir
    private Path folder;

    @Test
    void files() throws IOException {
        Path file = folder.resolve("key");
        TransportKeyFileTest.GOOD.write(file);
        byte[] wrapped = Files.readAllBytes(file);
        TransportKeyFileTest.AGREED.write(file);
        byte[] agreed = Files.readAllBytes(file);
        assertThat(Fuzz.of("transport-key", wrapped, agreed)
                        .run(mutant -> TransportKeyFile.read(Files.write(file, mutant)), KeyFileException.class))
                .isPositive();
    }
}
