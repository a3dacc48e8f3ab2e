package org.kiln.kms.provisioning;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.provisioning.SubscriberLoad.State;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.StagedSubscribers;
import org.kiln.kms.subscriber.SubscriberStore;

/**
 * Loads subscribers from a CSV file (RFC 4180, UTF-8) whose keys are wrapped under incoming transport keys, in bounded memory
 * however long the file is.
 *
 * <p>Header {@code supi,algorithm,transportKey,wrapping,eki,eopc,amf,sqn}. {@code kcv}, Ki's check value,
 * {@code sqnScheme}, {@code indLength}, {@code authMethod} and {@code status} may be added; {@code eopc} may be left out, and
 * {@code eop}, {@code op}, {@code etopc} and {@code etop} added, as the algorithms need them.
 *
 * <p>The whole file is checked without the token first. Then its rows are taken over and stand aside; nobody of them is served
 * until the last one is through. Then they come into the store: a file of up to {@value SubscriberLoads#PAGE} rows in one
 * transaction, a longer one page by page. An import that was broken off goes on where it was when it is run again with the
 * same file.
 */
public final class SubscriberImport {

    /** The columns, in the order that Kiln documents; a file may order them otherwise. */
    public static final List<String> COLUMNS =
            List.of("supi", "algorithm", "transportKey", "wrapping", "eki", "eopc", "amf", "sqn");

    private static final int MOST_MESSAGES = 100;

    private final LoadRegister register;
    private final SubscriberLoads loads;
    private final LoadCheck check;
    private final LoadStaging staging;

    public SubscriberImport(
            TokenCluster tokens,
            KeyRing ring,
            StorageKeys storageKeys,
            TransportKeyRegister register,
            Database database,
            SubscriberStore store) {
        this(tokens, ring, storageKeys, register, database, store, AlgorithmCatalogue.MILENAGE_ONLY);
    }

    /** @param catalogue the algorithms that a file may name */
    public SubscriberImport(
            TokenCluster tokens,
            KeyRing ring,
            StorageKeys storageKeys,
            TransportKeyRegister register,
            Database database,
            SubscriberStore store,
            AlgorithmCatalogue catalogue) {
        this.register = new LoadRegister(database);
        StagedSubscribers staged = new StagedSubscribers(store);
        loads = new SubscriberLoads(database, staged);
        KeyIntake intake = new KeyIntake(ring, storageKeys, register, tokens.profile(), catalogue.engines());
        check = new LoadCheck(store, intake, catalogue);
        staging = new LoadStaging(tokens, database, staged, intake, catalogue);
    }

    /** What to do with a bad row. */
    public enum OnBadRow {
        /** Store nothing at all. */
        REFUSE_FILE,
        /** Leave the row out and report it. */
        SKIP
    }

    /**
     * What an import did.
     *
     * @param imported subscribers stored, those before it was broken off included
     * @param left rows left out, likewise
     * @param skipped one message for each of the first {@value #MOST_MESSAGES} of them
     */
    public record Outcome(long imported, long left, List<String> skipped) {}

    /**
     * Imports a file.
     *
     * @param progress told the number of rows taken over so far
     */
    public Outcome run(Path file, OnBadRow onBadRow, LongConsumer progress) throws IOException {
        return run(file, onBadRow, new ImportWatcher() {
            @Override
            public void takes(long rows, long of) {
                progress.accept(rows);
            }
        });
    }

    /**
     * Imports a file, or goes on with it. If this ends by any other exception than {@link LoadFileException}, what was done
     * stays done: run it again.
     *
     * @throws LoadFileException for the first bad row, unless bad rows are skipped; then nothing has been stored
     * @throws LoadBusyException if another process imports the file
     * @throws IOException if the file cannot be read
     */
    public Outcome run(Path file, OnBadRow onBadRow, ImportWatcher watcher) throws IOException {
        loads.endRemovals();
        String sha256 = LoadFile.sha256(file);
        boolean skipsBad = onBadRow == OnBadRow.SKIP;
        Optional<SubscriberLoad> begun = register.find(sha256);
        if (begun.isPresent()) {
            requireSameWay(begun.get(), skipsBad);
            watcher.goesOn(begun.get().passed(), begun.get().fileRows());
        }
        SubscriberLoad load = begun.isPresent()
                ? begun.get()
                : register.begin(
                        sha256,
                        String.valueOf(file.getFileName()),
                        skipsBad,
                        check.rows(file, sha256, !skipsBad, watcher));
        try {
            if (load.state() == State.STAGING) {
                staging.run(file, load, watcher);
            }
            return finish(load, loads.release(load, in -> watcher.releases(in, load.fileRows())), watcher);
        } catch (LoadFileException e) {
            loads.refuse(load);
            throw e;
        }
    }

    private static void requireSameWay(SubscriberLoad load, boolean skipsBad) {
        if (load.skipsBad() != skipsBad) {
            throw new LoadFileException(
                    1,
                    "",
                    "an import of this file was begun " + (load.skipsBad() ? "with" : "without")
                            + " --skip-bad: go on so, or give it up with 'kiln subscriber loads --give-up " + load.id()
                            + "'");
        }
    }

    private Outcome finish(SubscriberLoad load, long imported, ImportWatcher watcher) {
        List<String> first = new ArrayList<>();
        long left = register.refusals(load.id(), message -> {
            watcher.skipped(message);
            if (first.size() < MOST_MESSAGES) {
                first.add(message);
            }
        });
        register.end(load.id());
        return new Outcome(imported, left, List.copyOf(first));
    }
}
