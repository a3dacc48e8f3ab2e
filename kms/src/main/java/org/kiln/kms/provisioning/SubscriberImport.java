package org.kiln.kms.provisioning;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.DuplicateSubscriberException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Session;

/**
 * Loads subscribers from a CSV file (RFC 4180, UTF-8) whose keys are wrapped under incoming transport keys.
 *
 * <p>Header {@code supi,algorithm,transportKey,wrapping,eki,eopc,amf,sqn}. {@code kcv}, Ki's check value,
 * {@code sqnScheme}, {@code indLength} and {@code authMethod} may be added; {@code eopc} may be left out, and {@code eop}, {@code op},
 * {@code etopc} and {@code etop} added, as the algorithms need them. The whole file is checked and its keys taken over
 * before the first subscriber is stored, and all are stored in one transaction.
 */
public final class SubscriberImport {

    /** The columns, in the order that Kiln documents; a file may order them otherwise. */
    public static final List<String> COLUMNS =
            List.of("supi", "algorithm", "transportKey", "wrapping", "eki", "eopc", "amf", "sqn");

    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setTrim(true)
            .setIgnoreEmptyLines(true)
            .get();

    private final TokenCluster tokens;
    private final Database database;
    private final SubscriberStore store;
    private final AlgorithmCatalogue catalogue;
    private final KeyIntake intake;

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
        this.tokens = tokens;
        this.database = database;
        this.store = store;
        this.catalogue = catalogue;
        intake = new KeyIntake(ring, storageKeys, register, tokens.profile(), catalogue.engines());
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
     * @param imported subscribers stored
     * @param skipped one message for each row left out
     */
    public record Outcome(long imported, List<String> skipped) {}

    /**
     * Imports a file.
     *
     * @param progress told the number of rows read so far
     * @throws LoadFileException for the first bad row, unless bad rows are skipped; then nothing has been stored
     * @throws IOException if the file cannot be read
     */
    public Outcome run(Path file, OnBadRow onBadRow, LongConsumer progress) throws IOException {
        try {
            return tokens.callOnFirst(session -> read(session, file, onBadRow, progress))
                    .finish();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Begins at the file's first line, so that it can be tried again on another token. */
    private Reading read(Session session, Path file, OnBadRow onBadRow, LongConsumer progress) {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                CSVParser parser = CSVParser.parse(reader, FORMAT)) {
            requireColumns(parser);
            Reading reading = new Reading(session, onBadRow);
            long rows = 0;
            for (Iterator<CSVRecord> records = parser.iterator(); hasNext(records, parser); ) {
                reading.row(records.next(), parser);
                progress.accept(++rows);
            }
            return reading;
        } catch (CSVException e) {
            throw new LoadFileException(1, "", "the header is no CSV: look for a stray quote");
        } catch (MalformedInputException e) {
            throw new LoadFileException(1, "", "the file is not UTF-8 text");
        } catch (IllegalArgumentException e) {
            throw new LoadFileException(1, "", "the header is wrong: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean hasNext(Iterator<CSVRecord> records, CSVParser parser) {
        try {
            return records.hasNext();
        } catch (UncheckedIOException e) {
            throw new LoadFileException(
                    parser.getCurrentLineNumber() + 1, "", "this is no CSV from here on: look for a stray quote");
        }
    }

    private static void requireColumns(CSVParser parser) {
        List<String> names = parser.getHeaderNames();
        for (String column : COLUMNS) {
            if (!names.contains(column) && !LoadRow.OPTIONAL.contains(column)) {
                throw new LoadFileException(
                        1, column, "the column is missing; the header is " + String.join(",", COLUMNS));
            }
        }
        for (String name : names) {
            if (!COLUMNS.contains(name) && !LoadRow.OPTIONAL.contains(name)) {
                throw new LoadFileException(
                        1,
                        name,
                        "unknown column; the header is " + String.join(",", COLUMNS) + " and, if wanted, "
                                + String.join(",", LoadRow.OPTIONAL));
            }
        }
    }

    /** One pass over a file. */
    private final class Reading {

        private final Session session;
        private final OnBadRow onBadRow;
        private final List<Subscriber> subscribers = new ArrayList<>();
        private final Set<String> supis = new HashSet<>();
        private final List<String> skipped = new ArrayList<>();

        Reading(Session session, OnBadRow onBadRow) {
            this.session = session;
            this.onBadRow = onBadRow;
        }

        void row(CSVRecord csv, CSVParser parser) {
            try {
                long line = parser.getCurrentLineNumber();
                if (!csv.isConsistent()) {
                    throw new LoadFileException(
                            line, "", "expected " + parser.getHeaderNames().size() + " values, found " + csv.size());
                }
                LoadRow row = LoadRow.of(column -> csv.isMapped(column) ? csv.get(column) : "", line, catalogue);
                if (!supis.add(row.supi().value())) {
                    throw new LoadFileException(line, "supi", "stands twice in the file");
                }
                if (store.contains(row.supi())) {
                    throw new LoadFileException(line, "supi", "this subscriber exists already");
                }
                subscribers.add(intake.take(session, row));
            } catch (LoadFileException e) {
                if (onBadRow == OnBadRow.REFUSE_FILE) {
                    throw e;
                }
                skipped.add(String.valueOf(e.getMessage()));
            }
        }

        Outcome finish() {
            try {
                database.write(connection -> {
                    store.insert(connection, subscribers);
                    return subscribers.size();
                });
            } catch (DuplicateSubscriberException e) {
                throw new LoadFileException(
                        0,
                        "supi",
                        "subscriber " + e.supi().masked() + " was added by somebody else meanwhile; try again");
            }
            return new Outcome(subscribers.size(), List.copyOf(skipped));
        }
    }
}
