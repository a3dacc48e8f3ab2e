package org.kiln.kms.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.Partner;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.AlgorithmCatalogue;

/** How long it takes to load and to hand over many subscribers: the figures of docs/scale.md. */
@Tag(ScratchDatabase.TAG)
@EnabledIfSystemProperty(named = LoadRateTest.ROWS, matches = "[0-9]+")
class LoadRateTest {

    static final String ROWS = "kiln.load.rows";

    private static final String KEY = "hand-over";

    @TempDir
    private Path folder;

    /** Prints how long the steps took; asserts that all rows are through. */
    @Test
    void manyRowsAreLoadedAndHandedOver() throws Exception {
        int rows = Integer.parseInt(System.getProperty(ROWS));
        Path file = folder.resolve("load.csv");
        try (ScratchLoadFile out = new ScratchLoadFile(file)) {
            for (int number = 0; number < rows; number++) {
                out.add(number);
            }
        }
        System.out.printf("%d rows, %d MB%n", rows, Files.size(file) >> 20);
        try (ScratchNode node = new ScratchNode(folder, ceremony -> {
            ceremony.foundation();
            Partner.introduce(ceremony, KEY, Direction.OUTGOING);
        })) {
            node.register()
                    .add(TransportKey.made(
                            KEY,
                            "other",
                            Direction.OUTGOING,
                            32,
                            new Kcv("000000", "0000000000"),
                            TransportKey.Period.UNBOUNDED,
                            Instant.now()));
            Steps steps = new Steps(rows);
            assertThat(node.importer().run(file, OnBadRow.REFUSE_FILE, steps).imported())
                    .isEqualTo(rows);
            steps.end("letting in");
            assertThat(node.exporter(AlgorithmCatalogue.MILENAGE_ONLY)
                            .run(folder.resolve("out.csv"), KEY, ExportSelection.ALL, 24, written -> {})
                            .exported())
                    .isEqualTo(rows);
            steps.end("export");
        }
    }

    private static final class Steps implements ImportWatcher {

        private final long rows;
        private long began = System.nanoTime();
        private boolean checked;

        Steps(long rows) {
            this.rows = rows;
        }

        @Override
        public void takes(long taken, long of) {
            if (!checked) {
                checked = true;
                end("checking");
            }
            if (taken == of) {
                end("taking over");
            }
        }

        void end(String step) {
            long now = System.nanoTime();
            double seconds = (now - began) / (double) TimeUnit.SECONDS.toNanos(1);
            began = now;
            System.out.printf("%-12s %8.1f s  %8.0f rows/s%n", step, seconds, rows / seconds);
        }
    }
}
