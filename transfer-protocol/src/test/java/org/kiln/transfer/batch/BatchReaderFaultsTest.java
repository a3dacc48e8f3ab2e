package org.kiln.transfer.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.transfer.Seeds;

class BatchReaderFaultsTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "KI, a0b1, upper-case hexadecimal",
        "KI, '', missing",
        "KI, A0B, multiple of 2 digits",
        "KI, A0B1, 24; 32 or 40",
        "KI, 00112233445566778899AABBCCDDEEFF, 24; 32 or 40",
        "OPC, 00112233445566778899AABBCCDDEEFF, 24; 32 or 40",
        "ADM1, 0011223344556677, at least 16",
        "KI_KCV, A0B1, check value",
        "KI_KCV, '', check value",
        "KI_KCV, a0b1c2, check value",
        "ICCID, 89, 18 to 20 digits",
        "ICCID, '', 18 to 20 digits",
        "IMSI, 12345, E.212",
        "IMSI, 00101000000000x, E.212"
    })
    void aBadValueIsNamedByLineColumnAndRule(String column, String value, String rule) throws IOException {
        List<Map<String, String>> rows = rows(3);
        rows.get(1).put(column, value);
        byte[] file = Batches.packed(Batches.csv(rows), 3);

        assertThatThrownBy(() -> Batches.read(file))
                .isInstanceOfSatisfying(BatchFormatException.class, e -> {
                    assertThat(e.line()).hasValue(3);
                    assertThat(e.column()).contains(column);
                    assertThat(e.rule()).contains(rule.replace(';', ','));
                })
                .hasMessageContaining("records.csv line 3, column " + column);
    }

    @Test
    void aBadLineIsNamed() throws IOException {
        String good = Batches.csv(rows(1));
        String header = good.substring(0, good.indexOf('\n') + 1);
        refused(good.replace("MILENAGE,", ""), 1, "line 2: it has 7 values, not 8");
        refused(good.replace("MILENAGE", "A,B"), 1, "line 2: it has 9 values, not 8");
        refused(good.replace("MILENAGE", "\"A"), 1, "line 2: its quotes do not match");
        refused(good.replace("MILENAGE", "\"A\"B"), 1, "line 2: its quotes do not match");
        refused(good.replace("MILENAGE", "A\tB"), 1, "line 2, column ALGORITHM: it holds a control character");
        refused(good.replace("MILENAGE", "A\rB"), 1, "line 2: it holds a CR");
        refused(good.replace("MILENAGE", "\"A\r\nB\""), 1, "line 2: its quotes do not match");
        refused(good.replace("MILENAGE", "A".repeat(BatchFile.MAX_LINE_OCTETS)), 1, "line 2: it is longer than");
        refused(header + "\r\n", 1, "line 2: it has 1 values");
        refused(good.replace("\r\n", "\n"), 1, "line 1: it ends with LF alone");
        refused(good.substring(0, good.length() - 1), 1, "line 2: it does not end with CR LF");
        refused(good.replace("IMSI,ALGORITHM", "ALGORITHM,IMSI"), 1, "line 1: the header");
        refused(good.replace("IMSI,", "imsi,"), 1, "line 1: the header");
        refused("\uFEFF" + good, 1, "line 1: the header");
        refused(good.substring(header.length()), 1, "line 1: the header");
        refused("", 1, "it is empty");
    }

    @Test
    void octetsThatAreNoUtf8AreRefused() throws IOException {
        byte[] csv = Batches.csv(rows(1)).getBytes(StandardCharsets.UTF_8);
        csv[new String(csv, StandardCharsets.ISO_8859_1).indexOf("MILENAGE")] = (byte) 0xC0;
        byte[] file =
                Batches.zip("manifest.json", manifest(Batches.packed(Batches.csv(rows(1)), 1)), "records.csv", csv);

        assertThatThrownBy(() -> Batches.read(file)).hasMessageContaining("line 2: it is not UTF-8");
    }

    @Test
    void theCountMustBeThePromisedOne() throws IOException {
        refused(Batches.csv(rows(3)), 2, "line 4: the manifest promised 2 records");
        refused(Batches.csv(rows(3)), 4, "it has 3 records, the manifest promised 4");
        refused(Batches.csv(rows(0)), 1, "it has 0 records, the manifest promised 1");
    }

    @Test
    void anotherDigestIsRefused() throws IOException {
        byte[] manifest = manifest(Batches.packed(Batches.csv(rows(1)), 1));
        String other = Batches.csv(List.of(Batches.row(7, Seeds.random(7))));
        byte[] file = Batches.zip("manifest.json", manifest, "records.csv", other.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> Batches.read(file)).hasMessageContaining("SHA-256 is not the manifest's");
    }

    @Test
    void theEntriesMustBeTheTwoInOrder() throws IOException {
        String csv = Batches.csv(rows(1));
        byte[] manifest = manifest(Batches.packed(csv, 1));
        byte[] records = csv.getBytes(StandardCharsets.UTF_8);
        container(Batches.zip("records.csv", records, "manifest.json", manifest), "in this order");
        container(Batches.zip("manifest.json", manifest), "cut");
        container(Batches.zip("manifest.json", manifest, "x", records), "in this order");
        container(Batches.zip("manifest.json", manifest, "records.csv", records, "x", records), "third entry");
        container(Batches.zip(), "no ZIP file");
        container(new byte[0], "no ZIP file");
        container("PK, but no ZIP, by no means".getBytes(StandardCharsets.UTF_8), "no ZIP file");
        assertThat(Batches.read(Batches.stored("manifest.json", manifest, "records.csv", records)))
                .hasSize(1);
    }

    @Test
    void nothingMayFollow() throws IOException {
        byte[] file = Batches.file(folder, 1, 1);
        container(Arrays.copyOf(file, file.length + 1), "something follows");
        container(Arrays.copyOf(file, file.length + 10_000), "something follows");
        byte[] commented = Arrays.copyOf(file, file.length + 1);
        commented[file.length - 2] = 1;
        container(commented, "something follows");
    }

    @Test
    void theDirectoryMustNameTheSameEntries() throws IOException {
        byte[] file = Batches.file(folder, 1, 1);
        int at = new String(file, StandardCharsets.ISO_8859_1).lastIndexOf("records.csv");
        file[at] = 'R';

        container(file, "directory is wrong");
    }

    @Test
    void everyCutIsNoticed() throws IOException {
        byte[] file = Batches.file(folder, 3, 1);
        for (int length = 0; length < file.length; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> Batches.read(cut))
                    .as("cut to %d of %d", length, file.length)
                    .isInstanceOf(BatchFormatException.class)
                    .message()
                    .as("cut to %d of %d", length, file.length)
                    .containsAnyOf("ends too early", "cut");
        }
    }

    @Test
    void damageIsNoticed() throws IOException {
        byte[] file = Batches.file(folder, 3, 1);
        int records = new String(file, StandardCharsets.ISO_8859_1).indexOf("records.csv") + 11;
        file[records + 20] ^= 0x40;

        assertThatThrownBy(() -> Batches.read(file)).isInstanceOf(BatchFormatException.class);
    }

    @Test
    void aBombIsPutOutAtItsFirstSpark() throws IOException {
        byte[] zeros = new byte[64 << 20];
        byte[] manifest = manifest(Batches.packed(Batches.csv(rows(1)), 1));
        container(Batches.zip("manifest.json", zeros), "longer than");
        AtomicLong read = new AtomicLong();
        byte[] bomb = Batches.zip("manifest.json", manifest, "records.csv", zeros);
        assertThatThrownBy(() -> BatchReader.read(counting(bomb, read), card -> {}))
                .isInstanceOf(BatchFormatException.class)
                .hasMessageContaining("longer than");
        assertThat(read.get()).isLessThan(bomb.length / 2);
    }

    @Test
    void faultsOfTheInputPassThrough() throws IOException {
        byte[] file = Batches.file(folder, 3, 1);
        InputStream broken =
                new SequenceInputStream(new ByteArrayInputStream(file, 0, file.length - 40), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("disk on fire");
                    }
                });

        assertThatThrownBy(() -> BatchReader.read(broken, card -> {})).hasMessage("disk on fire");
    }

    private void refused(String csv, long quantity, String fault) throws IOException {
        byte[] file = Batches.packed(csv, quantity);
        assertThatThrownBy(() -> Batches.read(file))
                .isInstanceOf(BatchFormatException.class)
                .hasMessageContaining(fault);
    }

    private static void container(byte[] file, String fault) {
        assertThatThrownBy(() -> Batches.read(file))
                .isInstanceOf(BatchFormatException.class)
                .hasMessageContaining(fault);
    }

    private static List<Map<String, String>> rows(int quantity) {
        Random random = Seeds.random(11);
        List<Map<String, String>> rows = new ArrayList<>();
        for (int i = 0; i < quantity; i++) {
            rows.add(Batches.row(i, random));
        }
        return rows;
    }

    static byte[] manifest(byte[] file) throws IOException {
        try (BatchZip zip = new BatchZip(new ByteArrayInputStream(file))) {
            zip.open("manifest.json");
            return zip.readAllBytes();
        }
    }

    private static InputStream counting(byte[] file, AtomicLong total) {
        return new ByteArrayInputStream(file) {
            @Override
            public int read(byte[] buffer, int offset, int length) {
                int read = super.read(buffer, offset, length);
                total.addAndGet(Math.max(read, 0));
                return read;
            }
        };
    }
}
