package org.kiln.kms.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.provisioning.ImportWatcher;
import org.kiln.kms.provisioning.SubscriberImport.Outcome;

/** What a person sees of an import: bars, and what was left out, which goes into a file too. */
final class ImportReport implements ImportWatcher, AutoCloseable {

    private static final long MANY = 100;

    private final Path file;
    private @Nullable PrintWriter skipped;
    private final Steps steps = new Steps();

    /** @param file made if a row is left out */
    ImportReport(Path file) {
        this.file = file;
    }

    @Override
    public void checks(long octets, long of) {
        steps.reach("checking", "octets", octets, of);
    }

    @Override
    public void goesOn(long rows, long of) {
        System.err.println("kiln: goes on behind row " + rows + " of " + of);
    }

    @Override
    public void takes(long rows, long of) {
        steps.reach("taking over", "rows", rows, of);
    }

    @Override
    public void releases(long subscribers, long of) {
        steps.reach("letting in", "subscribers", subscribers, of);
    }

    @Override
    public void skipped(String message) {
        if (skipped == null) {
            try {
                skipped = new PrintWriter(Files.newBufferedWriter(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        skipped.println(message);
    }

    /** Tells what was left out. */
    void finish(Outcome outcome) {
        steps.close();
        if (outcome.left() <= MANY) {
            outcome.skipped().forEach(message -> System.err.println("kiln: skipped: " + message));
        }
        if (outcome.left() > 0) {
            System.err.println("kiln: " + outcome.left() + " rows were left out; see " + file);
        }
    }

    @Override
    public void close() {
        steps.close();
        if (skipped != null) {
            skipped.close();
        }
    }
}
