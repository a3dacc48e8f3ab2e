package org.kiln.kms.provisioning;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.transfer.numbering.Supi;

/** Reads a whole load file before anything is done with it: no token is asked. */
final class LoadCheck {

    private static final int PAGE = 500;

    private final SubscriberStore store;
    private final KeyIntake intake;
    private final AlgorithmCatalogue catalogue;

    LoadCheck(SubscriberStore store, KeyIntake intake, AlgorithmCatalogue catalogue) {
        this.store = store;
        this.intake = intake;
        this.catalogue = catalogue;
    }

    /**
     * Counts the rows of a file.
     *
     * @param sha256 that the file has
     * @param everyRow whether each row must be good, and its subscriber new, as far as that shows without the token
     * @throws LoadFileException for the first row that is not, or if the file is no CSV
     */
    long rows(Path file, String sha256, boolean everyRow, ImportWatcher watcher) throws IOException {
        long size = Files.size(file);
        try (LoadFile rows = new LoadFile(file)) {
            long count = 0;
            List<LoadRow> page = new ArrayList<>(PAGE);
            for (Optional<LoadFile.Row> row = rows.next(); row.isPresent(); row = rows.next()) {
                if (everyRow) {
                    try {
                        page.add(requireGood(row.get()));
                    } catch (LoadFileException e) {
                        requireNew(page);
                        throw e;
                    }
                }
                count++;
                if (count % PAGE == 0) {
                    requireNew(page);
                    page.clear();
                    watcher.checks(rows.position(), size);
                }
            }
            requireNew(page);
            requireSame(sha256, rows.sha256());
            return count;
        }
    }

    private LoadRow requireGood(LoadFile.Row row) {
        LoadRow good = row.checked(catalogue);
        intake.requireUsable(good);
        return good;
    }

    private void requireNew(List<LoadRow> page) {
        Set<Supi> existing = store.existing(page.stream().map(LoadRow::supi).collect(Collectors.toSet()));
        page.stream().filter(row -> existing.contains(row.supi())).findFirst().ifPresent(row -> {
            throw exists(row.line());
        });
    }

    static LoadFileException exists(long line) {
        return new LoadFileException(line, LoadRow.SUPI, "this subscriber exists already");
    }

    /** @throws LoadFileException if the file is not the one that it was */
    static void requireSame(String before, String now) {
        if (!before.equals(now)) {
            throw new LoadFileException(1, "", "the file was changed while it was read");
        }
    }
}
