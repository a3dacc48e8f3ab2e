package org.kiln.kms.provisioning;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.StagedSubscribers;
import org.kiln.kms.subscriber.StagedSubscribers.Fate;
import org.kiln.kms.subscriber.StagedSubscribers.Staged;
import org.kiln.pkcs11.Session;

/**
 * Takes the rows of a load file over, page by page: keys in the token, by all lanes, then each page into the store together
 * with the number of rows that are through. What was done before a crash is not done again.
 */
final class LoadStaging {

    /** Rows of one task for the token and of one transaction. */
    static final int PAGE = 500;

    private final TokenCluster tokens;
    private final Database database;
    private final StagedSubscribers staged;
    private final KeyIntake intake;
    private final AlgorithmCatalogue catalogue;

    LoadStaging(
            TokenCluster tokens,
            Database database,
            StagedSubscribers staged,
            KeyIntake intake,
            AlgorithmCatalogue catalogue) {
        this.tokens = tokens;
        this.database = database;
        this.staged = staged;
        this.intake = intake;
        this.catalogue = catalogue;
    }

    /** Rows that follow each other in the file, in their order the good and the bad. */
    private record Page(long from, long to, List<LoadRow> good, List<LoadFileException> bad) {}

    private record Taken(long from, long to, List<Staged> subscribers, List<LoadFileException> bad) {}

    /**
     * Takes over what has not been.
     *
     * @throws LoadFileException for a bad row, unless bad rows are skipped
     * @throws LoadBusyException if another process does the same
     */
    void run(Path file, SubscriberLoad load, ImportWatcher watcher) throws IOException {
        PagesInOrder<Taken> pages = new PagesInOrder<>(tokens, taken -> {
            store(load, taken);
            watcher.takes(taken.to(), load.fileRows());
        });
        try (LoadFile rows = new LoadFile(file)) {
            long passed = 0;
            while (passed < load.passed() && rows.next().isPresent()) {
                passed++;
            }
            for (Page page = page(rows, passed); page.to() > page.from(); page = page(rows, page.to())) {
                Page next = page;
                pages.hand(session -> take(session, next));
            }
            pages.finish();
            LoadCheck.requireSame(load.sha256(), rows.sha256());
        }
    }

    private Page page(LoadFile rows, long from) {
        Page page = new Page(from, from, new ArrayList<>(PAGE), new ArrayList<>());
        long to = from;
        while (to - from < PAGE) {
            Optional<LoadFile.Row> row = rows.next();
            if (row.isEmpty()) {
                break;
            }
            to++;
            try {
                page.good().add(row.get().checked(catalogue));
            } catch (LoadFileException e) {
                page.bad().add(e);
            }
        }
        return new Page(from, to, page.good(), page.bad());
    }

    private Taken take(Session session, Page page) {
        List<Staged> subscribers = new ArrayList<>(page.good().size());
        List<LoadFileException> bad = new ArrayList<>(page.bad());
        for (LoadRow row : page.good()) {
            try {
                subscribers.add(new Staged(row.line(), intake.take(session, row)));
            } catch (LoadFileException e) {
                bad.add(e);
            }
        }
        return new Taken(page.from(), page.to(), subscribers, bad);
    }

    private void store(SubscriberLoad load, Taken taken) {
        database.write(connection -> {
            List<Fate> fates = staged.stage(connection, load.id(), taken.subscribers());
            List<LoadFileException> bad = new ArrayList<>(taken.bad());
            for (int i = 0; i < fates.size(); i++) {
                long line = taken.subscribers().get(i).line();
                switch (fates.get(i)) {
                    case STAGED -> {}
                    case EXISTS -> bad.add(LoadCheck.exists(line));
                    case STANDS_TWICE -> bad.add(new LoadFileException(line, LoadRow.SUPI, "stands twice in the file"));
                    case IN_ANOTHER_LOAD ->
                        bad.add(new LoadFileException(
                                line,
                                LoadRow.SUPI,
                                "stands in a load that is not finished; see 'kiln subscriber loads'"));
                }
            }
            if (!load.skipsBad() && !bad.isEmpty()) {
                throw bad.stream()
                        .min(Comparator.comparingLong(LoadFileException::line))
                        .orElseThrow();
            }
            LoadRegister.refuse(connection, load.id(), bad);
            LoadRegister.pass(connection, load.id(), taken.from(), taken.to());
            return taken.to();
        });
    }
}
