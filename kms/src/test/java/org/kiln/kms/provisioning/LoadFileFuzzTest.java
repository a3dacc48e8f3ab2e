package org.kiln.kms.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.fuzz.Fuzz;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.EngineChoice;

/** A load file's rows are read, or refused with their line. */
class LoadFileFuzzTest {

    private static final AlgorithmCatalogue CATALOGUE = new AlgorithmCatalogue(
            new EngineChoice(Set.of(), Set.of("tuak", "comp128-1", "comp128-2", "comp128-3"), true), Map.of());

    @TempDir
    private Path folder;

    private static void check(LoadFile.Row row) {
        try {
            assertThat(row.checked(CATALOGUE).toString()).isNotEmpty();
        } catch (LoadFileException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    @Test
    void files() {
        Path file = folder.resolve("load.csv");
        assertThat(Fuzz.of("load")
                        .run(
                                input -> {
                                    Files.write(file, input);
                                    try (LoadFile load = new LoadFile(file)) {
                                        Optional<LoadFile.Row> row = load.next();
                                        while (row.isPresent()) {
                                            check(row.get());
                                            row = load.next();
                                        }
                                    }
                                },
                                LoadFileException.class))
                .isPositive();
    }
}
