package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.CleartextScan;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.output.OutputFormats;

/**
 * No key of a batch stands in the clear where the service was at work: not in its folder, its log, the folder for temporary
 * files, nor in a dump of its heap, taken when cards were made and one is in use.
 */
class BatchTracesTest {

    private static final int CARDS = 40;
    private static final List<String> KEYS =
            List.of("KI", "OPC", "ADM1", "KIC1", "KID1", "KIK1", "KIC2", "KID2", "KIK2");

    @TempDir
    private Path folder;

    private List<Map<String, String>> opened(Shop shop, Path file) throws Exception {
        Opener opener =
                new Opener(shop.identity("delivery"), SignerTrust.pinned(shop.signer()), InstantSource.system());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        opener.open(file, opener.verify(file), in -> in.transferTo(content));
        List<Map<String, String>> rows = new ArrayList<>();
        assertThat(BatchReader.read(
                                new ByteArrayInputStream(content.toByteArray()),
                                OutputFormats.PARSER,
                                card -> rows.add(card.values()))
                        .quantity())
                .isEqualTo(CARDS);
        return rows;
    }

    private static byte[] unwrap(SecretKey key, String hex) throws Exception {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.UNWRAP_MODE, key);
        return kwp.unwrap(HexFormat.of().parseHex(hex), "AES", Cipher.SECRET_KEY)
                .getEncoded();
    }

    private void dump(KilnProcess kiln, Path heap) throws Exception {
        Process jcmd = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "jcmd",
                        String.valueOf(kiln.pid()),
                        "GC.heap_dump",
                        "-all",
                        heap.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("jcmd.log").toFile())
                .start();
        assertThat(jcmd.waitFor())
                .as(Files.readString(folder.resolve("jcmd.log")))
                .isZero();
    }

    /** Files that appeared in the folder for temporary files; those of other programs vanish as they please. */
    private List<Path> temporaryFilesSince(Instant began) throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try (Stream<Path> entries = Files.list(temporary)) {
            return entries.filter(
                            file -> Files.isRegularFile(file) && file.toFile().lastModified() >= began.toEpochMilli())
                    .toList();
        }
    }

    @Test
    void noKeyOfABatchIsInTheClearOnDiskOrOnTheHeap() throws Exception {
        Instant began = Instant.now();
        Shop shop = new Shop(folder);
        SecretKey transportKey = shop.transportKey("acme-traces", "acme");
        Path heap = folder.resolve("kiln.hprof");
        Path file = folder.resolve("acme.kiln");
        try (KilnProcess kiln = shop.up();
                ApiClient acme = shop.client(kiln, "acme")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            String id = shop.ordered(kiln, shop.order("traces-1", CARDS).put("transportKey", "acme-traces"));
            assertThat(shop.settled(kiln, id).path("state").asText()).isEqualTo("READY");
            acme.download(Shop.ORDERS + "/" + id + "/files/acme", file);
            dump(kiln, heap);
        }
        List<Map<String, String>> rows = opened(shop, file);
        Files.delete(file);
        try (CleartextScan scan = new CleartextScan()) {
            for (Map<String, String> row : rows) {
                for (String name : KEYS) {
                    scan.add(unwrap(transportKey, row.get(name)));
                }
            }
            assertThat(scan.below(folder).found()).isEmpty();
            for (Path temporary : temporaryFilesSince(began)) {
                assertThat(scan.below(temporary).found()).isEmpty();
            }
        }
        try (CleartextScan control = new CleartextScan()) {
            control.add(Shop.ORDERS.getBytes(StandardCharsets.US_ASCII));
            assertThat(control.below(heap).found())
                    .as("the dump is of the service, and the scan finds what is there")
                    .isNotEmpty();
        }
    }
}
