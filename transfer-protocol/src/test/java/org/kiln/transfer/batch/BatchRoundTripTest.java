package org.kiln.transfer.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.transfer.Seeds;

class BatchRoundTripTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsWrittenIsRead(long seed) throws IOException {
        Random random = Seeds.random(seed);
        List<Map<String, String>> rows = new ArrayList<>();
        StagedRecords staged;
        try (RecordsWriter writer = RecordsWriter.create(folder.resolve("records"), Batches.COLUMNS)) {
            for (int i = 0; i <= random.nextInt(50); i++) {
                Map<String, String> row = Batches.row(i, random);
                row.put("ALGORITHM", text(random));
                rows.add(row);
                writer.append(row);
            }
            staged = writer.finish();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Manifest written = BatchWriter.write(out, Batches.header(), staged);
        List<BatchRecord> read = new ArrayList<>();
        Manifest manifest = BatchReader.read(new ByteArrayInputStream(out.toByteArray()), read::add);

        assertThat(manifest).as("seed %d", seed).isEqualTo(written);
        assertThat(manifest.quantity()).as("seed %d", seed).isEqualTo(rows.size());
        assertThat(read.stream().map(BatchRecord::values).toList())
                .as("seed %d", seed)
                .isEqualTo(rows);
        assertThat(read.getFirst().line()).isEqualTo(2);
        assertThat(read.getLast().line()).isEqualTo(rows.size() + 1L);
    }

    @Test
    void handlerSeesTheManifestFirst() throws IOException {
        byte[] file = Batches.file(folder, 1, 1);
        List<String> calls = new ArrayList<>();
        BatchReader.read(new ByteArrayInputStream(file), new BatchHandler() {
            @Override
            public void manifest(Manifest manifest) {
                calls.add(manifest.recipient());
            }

            @Override
            public void card(BatchRecord card) {
                calls.add("card");
            }
        });

        assertThat(calls).containsExactly("ACME Cards", "card");
    }

    @Test
    void handlersCanRefuse() throws IOException {
        byte[] file = Batches.file(folder, 2, 1);

        assertThatThrownBy(() -> BatchReader.read(new ByteArrayInputStream(file), card -> {
                    throw new IOException("not mine");
                }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("not mine");
    }

    @Test
    void sameInputGivesSameOctets() throws IOException {
        assertThat(Batches.file(folder, 20, 7)).isEqualTo(Batches.file(folder, 20, 7));
    }

    @Test
    void entriesAndLinesAreAsTheFormatSays() throws IOException {
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(Batches.file(folder, 2, 1)))) {
            assertThat(zip.getNextEntry().getName()).isEqualTo("manifest.json");
            assertThat(new String(zip.readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("{\n  \"formatVersion\" : \"kiln-batch/1\",\n  \"orderId\" : \"order-17\"")
                    .contains("\"created\" : \"2026-11-24T08:00:00Z\"")
                    .doesNotContain("null")
                    .doesNotContain("\r");
            assertThat(zip.getNextEntry().getName()).isEqualTo("records.csv");
            assertThat(new String(zip.readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("ICCID,IMSI,ALGORITHM,KI,KI_KCV,OPC,ADM1,PIN1\r\n8949")
                    .endsWith("\r\n");
            assertThat(zip.getNextEntry()).isNull();
        }
    }

    @Test
    void stagedFileIsTheOwnersAlone() throws IOException {
        StagedRecords staged = Batches.staged(folder.resolve("records"), 1, 1);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(staged.path())))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> RecordsWriter.create(staged.path(), Batches.COLUMNS))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void stagedFileThatChangedIsRefused() throws IOException {
        StagedRecords staged = Batches.staged(folder.resolve("records"), 1, 1);
        Files.writeString(staged.path(), "x", StandardOpenOption.APPEND);

        assertThatThrownBy(() -> BatchWriter.write(new ByteArrayOutputStream(), Batches.header(), staged))
                .isInstanceOf(BatchFormatException.class)
                .hasMessageContaining("stage it again");
    }

    @Test
    void writerRefusesWhatTheReaderWould() throws IOException {
        try (RecordsWriter writer = RecordsWriter.create(folder.resolve("records"), Batches.COLUMNS)) {
            writer.append(Batches.row(0, Seeds.random(1)));
            Map<String, String> row = Batches.row(1, Seeds.random(1));
            row.put("KI", "not wrapped at all");

            assertThatThrownBy(() -> writer.append(row))
                    .isInstanceOfSatisfying(BatchFormatException.class, e -> {
                        assertThat(e.line()).hasValue(3);
                        assertThat(e.column()).contains("KI");
                    })
                    .hasMessageNotContaining("not wrapped");
            row.remove("KI");
            assertThatThrownBy(() -> writer.append(row)).hasMessageContaining("column KI: the value is missing");
            row.putAll(Batches.row(1, Seeds.random(1)));
            row.put("PUK9", "1");
            assertThatThrownBy(() -> writer.append(row)).hasMessageContaining("does not have");
            row.remove("PUK9");
            row.put("ALGORITHM", "\"".repeat(BatchFile.MAX_LINE_OCTETS / 2));
            assertThatThrownBy(() -> writer.append(row)).hasMessageContaining("longer than");
            assertThat(writer.finish().quantity()).isEqualTo(1);
        }
    }

    @Test
    void emptyBatchIsNoBatch() throws IOException {
        try (RecordsWriter writer = RecordsWriter.create(folder.resolve("records"), Batches.COLUMNS)) {
            assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void valuesStayOutOfLogs() throws IOException {
        BatchRecord card = Batches.read(Batches.file(folder, 1, 1)).getFirst();

        assertThat(card)
                .hasToString("BatchRecord[line=2, columns=" + card.values().keySet() + "]");
        assertThat(card.toString()).doesNotContain(card.value("KI"));
        assertThatThrownBy(() -> card.value("PUK9")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append("a,\"' ;=éß€𝄞"
                    .codePoints()
                    .skip(random.nextInt(11))
                    .mapToObj(Character::toString)
                    .findFirst()
                    .orElseThrow());
        }
        return text.toString();
    }

    static LongStream seeds() {
        return Seeds.of(150);
    }
}
