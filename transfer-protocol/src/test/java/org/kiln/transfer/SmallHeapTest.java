package org.kiln.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory stays constant: a JVM whose heap is far smaller than the content seals and opens it. */
class SmallHeapTest {

    private static final long HEAP_MEGABYTES = 40;

    @TempDir
    private Path folder;

    @Test
    void aBatchOf300000CardsPassesThroughASmallHeap() throws IOException, InterruptedException {
        String output = run("batch", 300_000);

        assertThat(output).contains("manifest=300000 read=300000");
        assertThat(Files.size(folder.resolve("records"))).isGreaterThan(2 * HEAP_MEGABYTES << 20);
        assertThat(Files.size(folder.resolve("envelope"))).isGreaterThan(HEAP_MEGABYTES << 20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vendor-text", "kiln-json"})
    void aFileOf400000CardsPassesThroughASmallHeapInOtherFormats(String format)
            throws IOException, InterruptedException {
        assertThat(run(format, 400_000)).contains("manifest=400000 read=400000");
        assertThat(Files.size(folder.resolve("records"))).isGreaterThan(HEAP_MEGABYTES << 20);
    }

    @Test
    void twoHundredMegabytesPassThroughASmallHeap() throws IOException, InterruptedException {
        assertThat(run("octets", 200)).contains("read=" + (200L << 20));
    }

    @Test
    void aHundredMegabytesOfOpenPgpPassThroughASmallHeap() throws IOException, InterruptedException {
        assertThat(run("openpgp", 100)).contains("read=" + (100L << 20));
    }

    private String run(String what, int amount) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP_MEGABYTES + "m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SmallHeapMain.class.getName(),
                        what,
                        folder.toString(),
                        Integer.toString(amount))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("in time").isTrue();
        String output = Files.readString(log);
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
