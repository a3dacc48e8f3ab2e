package org.kiln.kms.provisioning;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberRecord;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.transfer.numbering.NumberingException;
import org.kiln.transfer.numbering.Supi;

/**
 * Hands subscribers over to another authentication centre: a load file as {@link SubscriberImport} takes it, Ki and OPc wrapped
 * anew in the token, one by one, under an outgoing transport key. The memory it takes does not grow with the file.
 */
public final class SubscriberExport {

    private static final int PAGE = 500;

    private final TokenCluster tokens;
    private final StorageKeys storageKeys;
    private final TransportKeyRegister register;
    private final SubscriberStore store;
    private final AlgorithmCatalogue catalogue;

    /** @param catalogue names the algorithms of the file */
    public SubscriberExport(
            TokenCluster tokens,
            StorageKeys storageKeys,
            TransportKeyRegister register,
            SubscriberStore store,
            AlgorithmCatalogue catalogue) {
        this.tokens = tokens;
        this.storageKeys = storageKeys;
        this.register = register;
        this.store = store;
        this.catalogue = catalogue;
    }

    /**
     * What an export did.
     *
     * @param sha256 of the file, hexadecimal; it stands beside it too
     * @param key what the keys are wrapped under
     */
    public record Outcome(long exported, String sha256, TransportKey key) {}

    /**
     * Writes {@code file}, which appears whole or not at all, and {@code file.sha256}. A selection by SUPI is one state of the
     * store; of a list, each {@value #PAGE} are.
     *
     * @param transportKey label of an outgoing key that may be used today; its partner has it under the same label
     * @param hours how long this centre may go on serving them before the other begins: the SQN of the file is beyond all that
     *     it has handed out, and will have by then
     * @param progress told how many are written
     * @throws TransportKeyException if the transport key may not be used so
     * @throws LoadFileException if a line of a list names nobody
     * @throws org.kiln.kms.subscriber.RecordRefusedException if a record's MAC is wrong
     * @throws IOException if the file cannot be written, or is there already
     */
    public Outcome run(Path file, String transportKey, ExportSelection selection, int hours, LongConsumer progress)
            throws IOException {
        TransportKey key = usable(transportKey);
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString(), null, "it is not overwritten; move it away");
        }
        ExportRow rows = new ExportRow(storageKeys, catalogue, key.label(), clock(), hours);
        try (ExportFile out = new ExportFile(file, ExportRow.HEADER)) {
            Pages pages = new Pages(rows, out, progress);
            switch (selection) {
                case ExportSelection.Range range -> store.scan(range.from(), range.below(), pages::add);
                case ExportSelection.Listed list -> listed(list.file(), pages::add);
            }
            long exported = pages.finish();
            return new Outcome(exported, out.finish(), key);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private TransportKey usable(String label) {
        TransportKey key = register.find(label)
                .filter(found -> found.direction() == Direction.OUTGOING)
                .orElseThrow(() -> new TransportKeyException(
                        "no outgoing transport key is labelled '" + label + "'; see 'kiln transport-key list'"));
        key.refusal(LocalDate.now(ZoneOffset.UTC)).ifPresent(why -> {
            throw new TransportKeyException(why);
        });
        return key;
    }

    /** No less than any node's clock may have read. */
    private long clock() {
        long ceiling = store.database().read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select max(tenths) from sqn_ceiling");
                    ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
        return Math.max(SeqClock.systemTenths(), ceiling - SqnCeiling.LEAD_TENTHS);
    }

    private void listed(Path list, Consumer<Subscriber> each) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(list)) {
            long line = 0;
            Map<Supi, Long> page = new LinkedHashMap<>();
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                line++;
                if (!text.isBlank() && page.put(supi(text.strip(), line), line) != null) {
                    throw new LoadFileException(line, LoadRow.SUPI, "stands twice in the list");
                }
                if (page.size() == PAGE) {
                    find(page, each);
                    page.clear();
                }
            }
            find(page, each);
        }
    }

    private static Supi supi(String text, long line) {
        try {
            return new Supi(text);
        } catch (NumberingException e) {
            throw new LoadFileException(line, LoadRow.SUPI, String.valueOf(e.getMessage()));
        }
    }

    private void find(Map<Supi, Long> page, Consumer<Subscriber> each) {
        if (page.isEmpty()) {
            return;
        }
        Map<Supi, SubscriberRecord> found = store.find(page.keySet());
        page.forEach((supi, line) -> {
            SubscriberRecord record = found.get(supi);
            if (record == null) {
                throw new LoadFileException(line, LoadRow.SUPI, "no subscriber has this SUPI");
            }
            each.accept(record.opened());
        });
    }

    /** Gathers subscribers into pages for the token, and writes what comes back in order. */
    private final class Pages {

        private final ExportRow rows;
        private final PagesInOrder<List<List<String>>> pages;
        private List<Subscriber> page = new ArrayList<>(PAGE);
        private long written;

        Pages(ExportRow rows, ExportFile out, LongConsumer progress) {
            this.rows = rows;
            pages = new PagesInOrder<>(tokens, wrapped -> {
                write(out, wrapped);
                progress.accept(written);
            });
        }

        private void write(ExportFile out, List<List<String>> wrapped) {
            try {
                for (List<String> row : wrapped) {
                    out.row(row);
                    written++;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void add(Subscriber subscriber) {
            page.add(subscriber);
            if (page.size() == PAGE) {
                hand();
            }
        }

        private void hand() {
            List<Subscriber> whole = page;
            page = new ArrayList<>(PAGE);
            pages.hand(
                    session -> whole.stream().map(one -> rows.of(session, one)).toList());
        }

        long finish() {
            hand();
            pages.finish();
            return written;
        }
    }
}
