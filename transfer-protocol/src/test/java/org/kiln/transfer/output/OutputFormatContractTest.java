package org.kiln.transfer.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.secret.Secret;
import org.kiln.transfer.Seeds;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.BatchWriter;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Repack;
import org.kiln.transfer.batch.StagingCipher;
import org.kiln.transfer.batch.Wrapping;

/** What every format keeps, whatever it looks like. */
class OutputFormatContractTest {

    private static final int CARDS = 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void whatIsWrittenIsRead(OutputFormat format, Wrapping wrapping) throws IOException {
        OutputHeader header = Outputs.header(wrapping, CARDS);
        List<Map<String, String>> rows = Outputs.rows(wrapping, CARDS, 1);

        byte[] file = Outputs.write(format, header, rows);

        assertThat(Outputs.read(format, header, file))
                .extracting(BatchRecord::values)
                .isEqualTo(rows.stream()
                        .map(row -> Outputs.written(format, header, row))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void aBatchFileHoldsItAndSaysHowToReadIt(OutputFormat format, Wrapping wrapping) throws IOException {
        List<Map<String, String>> rows = Outputs.rows(wrapping, CARDS, 2);
        byte[] batch = pack(format, Outputs.header(wrapping, CARDS), rows);
        List<Map<String, String>> read = new ArrayList<>();

        Manifest manifest = BatchReader.read(
                new ByteArrayInputStream(batch), OutputFormats.PARSER, card -> read.add(card.values()));

        assertThat(manifest.profile()).isEqualTo("gold-sim-2");
        assertThat(OutputFormats.of(manifest)).isEqualTo(format);
        assertThat(manifest.columns())
                .isEqualTo(format.columns(Outputs.header(wrapping, CARDS).columns()));
        assertThat(read)
                .isEqualTo(rows.stream()
                        .map(row -> Outputs.written(format, Outputs.header(wrapping, CARDS), row))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void rowsInAnotherOrderAreNoticedInABatchFile(OutputFormat format, Wrapping wrapping) throws IOException {
        OutputHeader header = Outputs.header(wrapping, CARDS);
        List<Map<String, String>> rows = Outputs.rows(wrapping, CARDS, 3);
        StagedOutput good = stage("good", format, header, rows);
        List<Map<String, String>> swapped = new ArrayList<>(rows);
        Collections.swap(swapped, 4, 9);
        StagedOutput other = stage("other", format, header, swapped);
        Manifest manifest = header.batch().manifest(good.records());
        byte[] file = Repack.with(manifest, Files.readAllBytes(other.records().path()));

        assertThatThrownBy(() -> BatchReader.read(new ByteArrayInputStream(file), OutputFormats.PARSER, _ -> {}))
                .isInstanceOf(BatchFormatException.class)
                .hasMessageContaining("put in another order");
    }

    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void theTemplateSurvivesAsJson(OutputFormat format, Wrapping wrapping) {
        ObjectNode json = OutputFormats.toJson(format);

        assertThat(OutputFormats.of(json)).isEqualTo(format);
        assertThatThrownBy(() -> OutputFormats.of(json.deepCopy().put("surprise", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("output format");
    }

    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void aValueThatBreaksItsColumnIsNamedByLineAndColumn(OutputFormat format, Wrapping wrapping) throws IOException {
        OutputHeader header = Outputs.header(wrapping, 2);
        List<Map<String, String>> rows = Outputs.rows(wrapping, 2, 4);
        byte[] good = Outputs.write(format, header, rows);
        String ki = rows.get(1).get("KI");
        byte[] bad = new String(good, StandardCharsets.UTF_8)
                .replace(ki, ki.substring(2))
                .getBytes(StandardCharsets.UTF_8);
        Map<String, String> row = new LinkedHashMap<>(rows.get(0));
        row.put("KI", ki.substring(2));

        for (ThrowingCall call : List.<ThrowingCall>of(
                () -> Outputs.read(format, header, bad),
                () -> Outputs.write(format, header, List.of(rows.get(0), row)))) {
            assertThatThrownBy(call::run).isInstanceOfSatisfying(BatchFormatException.class, fault -> {
                assertThat(fault.line()).hasValue(lines(good));
                assertThat(fault.column()).hasValue("KI");
                assertThat(fault)
                        .hasMessageContaining("a key wrapped by " + wrapping)
                        .hasMessageNotContaining(ki);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void missingUnknownTooManyAndTooFewAreRefused(OutputFormat format, Wrapping wrapping) {
        OutputHeader header = Outputs.header(wrapping, 1);
        Map<String, String> row = Outputs.rows(wrapping, 1, 5).getFirst();
        Map<String, String> less = new LinkedHashMap<>(row);
        less.remove("OPC");
        Map<String, String> more = new LinkedHashMap<>(row);
        more.put("OTHER", "x");

        assertThatThrownBy(() -> Outputs.write(format, header, List.of(less))).hasMessageContaining("column OPC");
        assertThatThrownBy(() -> Outputs.write(format, header, List.of(more))).hasMessageContaining("does not have");
        assertThatThrownBy(() -> Outputs.write(format, header, List.of(row, row)))
                .hasMessageContaining("one more");
        assertThatThrownBy(() -> Outputs.write(format, header, List.of())).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void aFileThatWasCutIsRefused(OutputFormat format, Wrapping wrapping) throws IOException {
        OutputHeader header = Outputs.header(wrapping, 3);
        byte[] file = Outputs.write(format, header, Outputs.rows(wrapping, 3, 6));

        assertThatThrownBy(() -> Outputs.read(format, header, Arrays.copyOf(file, file.length - 5)))
                .isInstanceOf(BatchFormatException.class)
                .hasMessageContaining("may have been cut");
    }

    /** Mutants of good files: each is read, or refused by the one exception, which quotes no value. */
    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void mutantsAreReadOrRefused(OutputFormat format, Wrapping wrapping) throws IOException {
        OutputHeader header = Outputs.header(wrapping, 4);
        List<Map<String, String>> rows = Outputs.rows(wrapping, 4, 7);
        byte[] file = Outputs.write(format, header, rows);
        Seeds.of(3000).forEach(seed -> {
            try {
                Outputs.read(format, header, Seeds.mutate(file, Seeds.random(seed)));
            } catch (BatchFormatException expected) {
                assertThat(expected).hasMessageNotContaining(rows.get(0).get("KI"));
            } catch (IOException | RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("org.kiln.transfer.output.Outputs#all")
    void mutantsOfBatchFilesAreReadOrRefused(OutputFormat format, Wrapping wrapping) throws IOException {
        byte[] file = pack(format, Outputs.header(wrapping, 4), Outputs.rows(wrapping, 4, 8));
        Seeds.of(1000).forEach(seed -> {
            try {
                byte[] mutant = Seeds.mutate(file, Seeds.random(seed));
                BatchReader.read(new ByteArrayInputStream(mutant), OutputFormats.PARSER, _ -> {});
            } catch (BatchFormatException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            } catch (IOException | RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        });
    }

    private interface ThrowingCall {
        void run() throws IOException;
    }

    private static long lines(byte[] file) {
        return new String(file, StandardCharsets.UTF_8).lines().count();
    }

    /** Codes in the clear are in the batch file, and not on the disk while it is made. */
    @Test
    void codesInTheClearAreHiddenWhileTheyAreStaged() throws IOException {
        PySimCsv format = new PySimCsv(Map.of(), PySimCsv.Codes.CLEAR, true);
        OutputHeader header = new OutputHeader(
                Outputs.header(Wrapping.AES_CBC_IV_23, 2).batch(),
                2,
                List.of(Column.clear("ICCID"), Column.clear("PUK1")));
        List<Map<String, String>> rows = List.of(
                Map.of("ICCID", "8988211000000000013", "PUK1", "13572468"),
                Map.of("ICCID", "8988211000000000021", "PUK1", "24681357"));
        StagingCipher cipher = new StagingCipher(Secret.takeFrom(new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
            30, 31, 32
        }));
        StagedOutput staged = stage("codes", format, header, rows, cipher);

        assertThat(new String(Files.readAllBytes(staged.records().path()), StandardCharsets.ISO_8859_1))
                .doesNotContain("13572468", "24681357", "ICCID");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BatchWriter.write(out, header.batch(), staged.records());
        List<String> read = new ArrayList<>();
        BatchReader.read(
                new ByteArrayInputStream(out.toByteArray()),
                OutputFormats.PARSER,
                card -> read.add(card.value("PUK1")));
        assertThat(read).containsExactly("13572468", "24681357");

        cipher.close();
        assertThatThrownBy(() -> BatchWriter.write(new ByteArrayOutputStream(), header.batch(), staged.records()))
                .as("its key is gone")
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> stage("as they are", format, header, rows))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hidden while it is staged");
        assertThat(folder.resolve("as they are")).doesNotExist();
        assertThatThrownBy(() -> new StagingCipher(Secret.ofSize(16))).isInstanceOf(IllegalArgumentException.class);
    }

    private byte[] pack(OutputFormat format, OutputHeader header, List<Map<String, String>> rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BatchWriter.write(
                out, header.batch(), stage("staged", format, header, rows).records());
        return out.toByteArray();
    }

    private StagedOutput stage(String name, OutputFormat format, OutputHeader header, List<Map<String, String>> rows)
            throws IOException {
        return stage(name, format, header, rows, null);
    }

    private StagedOutput stage(
            String name,
            OutputFormat format,
            OutputHeader header,
            List<Map<String, String>> rows,
            @Nullable StagingCipher cipher)
            throws IOException {
        try (StagedOutput staged = StagedOutput.create(folder.resolve(name), format, header, cipher)) {
            for (Map<String, String> row : rows) {
                staged.append(row);
            }
            staged.finish();
            return staged;
        }
    }
}
