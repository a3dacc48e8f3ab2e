package org.kiln.transfer.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.fuzz.Fuzz;
import org.kiln.transfer.Seeds;

/** A mutant of a batch file is refused by a rule, or holds all its cards. */
class BatchFuzzTest {

    @TempDir
    private Path folder;

    @Test
    void files() throws IOException {
        assertThat(Fuzz.of("batch", Batches.file(folder, 3, 1), stored())
                        .run(mutant -> assertThat(Batches.read(mutant)).hasSize(3), BatchFormatException.class))
                .isPositive();
    }

    /** Not deflated, so that mutants reach the records. */
    private static byte[] stored() throws IOException {
        List<Map<String, String>> rows = LongStream.range(0, 3)
                .mapToObj(index -> Batches.row(index, Seeds.random(index)))
                .toList();
        String csv = Batches.csv(rows);
        return Batches.stored(
                BatchFile.MANIFEST,
                BatchReaderFaultsTest.manifest(Batches.packed(csv, 3)),
                BatchFile.RECORDS,
                csv.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void manifests() throws IOException {
        byte[] manifest = ManifestJson.write(Batches.header()
                .manifest(new StagedRecords(Path.of("none"), Batches.COLUMNS, 5, "0123456789abcdef".repeat(4))));
        assertThat(Fuzz.of("manifest", manifest)
                        .run(mutant -> ManifestJson.read(new ByteArrayInputStream(mutant)), BatchFormatException.class))
                .isPositive();
    }
}
