package org.kiln.kms.copy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/** Copies what one database holds into another of the same release, of either engine. */
public final class StoreCopy {

    private static final int ROWS_A_BATCH = 500;

    /** The class of SQL states. */
    private static final String CONSTRAINT_VIOLATED = "23";

    private final Connection from;
    private final Connection to;
    private final LongConsumer copied;
    private long rows;

    private StoreCopy(Connection from, Connection to, LongConsumer copied) {
        this.from = from;
        this.to = to;
        this.copied = copied;
    }

    /**
     * Puts what {@code from} holds in the place of what {@code to} holds, and reads it again from there.
     *
     * @param from within a transaction that reads one state
     * @param to within a transaction, which the caller commits
     * @param copied told how many rows are copied so far
     * @return what both hold now
     * @throws CopyException if the databases are of different releases, or if what is read again is not what was copied
     */
    public static List<TableDigest> run(Connection from, Connection to, LongConsumer copied) throws SQLException {
        return new StoreCopy(from, to, copied).run();
    }

    /**
     * What an update came to.
     *
     * @param tables what both databases hold now
     * @param written rows that were put in, changed or removed
     */
    public record Update(List<TableDigest> tables, long written) {

        public Update {
            tables = List.copyOf(tables);
        }
    }

    /**
     * As {@link #run}, where {@code to} holds a copy that was made earlier: writes only the rows that differ. Rows of a table
     * without a primary key are all written; and all rows are, where PostgreSQL refuses the changes one after another because
     * they cross: two rows that exchanged what is unique, or a row that came to refer to another in the place of one that is gone.
     *
     * @param copied told how many rows of {@code from} are seen to so far
     */
    public static Update update(Connection from, Connection to, LongConsumer copied) throws SQLException {
        Savepoint before = to.setSavepoint();
        try {
            return new StoreCopy(from, to, copied).update();
        } catch (SQLException e) {
            if (e.getSQLState() == null || !e.getSQLState().startsWith(CONSTRAINT_VIOLATED)) {
                throw e;
            }
            to.rollback(before);
            List<TableDigest> tables = run(from, to, copied);
            return new Update(
                    tables, tables.stream().mapToLong(TableDigest::rows).sum());
        }
    }

    private Update update() throws SQLException {
        List<Table> tables = common(Tables.of(to).inOrder());
        long written = 0;
        for (Table table : tables.reversed()) {
            if (table.key().isEmpty()) {
                table.clear(to);
            } else {
                written += new TableUpdate(table, from, to).removeGone();
            }
        }
        List<TableDigest> digests = new ArrayList<>();
        for (Table table : tables) {
            if (table.key().isEmpty()) {
                TableDigest digest = copy(table);
                written += digest.rows();
                digests.add(digest);
            } else {
                TableUpdate update = new TableUpdate(table, from, to);
                digests.add(update.putDifferent(this::count));
                written += update.written();
            }
        }
        return new Update(compared(digests), written);
    }

    private void count() {
        rows++;
        if (rows % ROWS_A_BATCH == 0) {
            copied.accept(rows);
        }
    }

    private List<TableDigest> run() throws SQLException {
        List<Table> tables = common(Tables.of(to).inOrder());
        for (Table table : tables.reversed()) {
            table.clear(to);
        }
        List<TableDigest> digests = new ArrayList<>();
        for (Table table : tables) {
            digests.add(copy(table));
        }
        return compared(digests);
    }

    private List<TableDigest> compared(List<TableDigest> all) throws SQLException {
        copied.accept(rows);
        List<TableDigest> digests =
                all.stream().filter(digest -> digest.rows() > 0).toList();
        List<TableDigest> read = Tables.of(to).digests(to);
        if (!read.equals(Tables.sorted(digests))) {
            throw new CopyException("the copy does not hold what was copied: " + difference(digests, read));
        }
        return read;
    }

    /** The tables that both have, in the target's order; one that only one has must be empty. */
    private List<Table> common(List<Table> target) throws SQLException {
        Map<String, Table> source = new TreeMap<>();
        Tables.of(from).inOrder().forEach(table -> source.put(table.name(), table));
        List<Table> common = new ArrayList<>();
        for (Table table : target) {
            Table same = source.remove(table.name());
            if (same == null) {
                requireEmpty(table, to);
            } else if (same.columns().keySet().equals(table.columns().keySet())) {
                common.add(table);
            } else {
                throw otherRelease(table.name());
            }
        }
        for (Table table : source.values()) {
            requireEmpty(table, from);
        }
        return common;
    }

    private static void requireEmpty(Table table, Connection connection) throws SQLException {
        if (table.count(connection) > 0) {
            throw otherRelease(table.name());
        }
    }

    private static CopyException otherRelease(String table) {
        return new CopyException("the databases do not have the same table " + table
                + ": they are of different releases; open each with this release of kiln first");
    }

    private TableDigest copy(Table table) throws SQLException {
        RowSum sum = new RowSum(table.name());
        try (PreparedStatement insertion = table.insertion(to)) {
            table.read(from, values -> {
                sum.add(values);
                table.bind(insertion, values);
                insertion.addBatch();
                rows++;
                if (rows % ROWS_A_BATCH == 0) {
                    insertion.executeBatch();
                    copied.accept(rows);
                }
            });
            insertion.executeBatch();
        }
        copied.accept(rows);
        return sum.digest();
    }

    /** The first table in which they differ, in words. */
    public static String difference(List<TableDigest> expected, List<TableDigest> found) {
        Map<String, TableDigest> left = expected.stream().collect(Collectors.toMap(TableDigest::table, each -> each));
        for (TableDigest digest : found) {
            TableDigest same = left.remove(digest.table());
            if (same == null || !same.equals(digest)) {
                return words(digest.table(), same == null ? 0 : same.rows(), digest.rows());
            }
        }
        return left.values().stream()
                .findFirst()
                .map(missing -> words(missing.table(), missing.rows(), 0))
                .orElse("no difference");
    }

    private static String words(String table, long expected, long found) {
        return expected == found
                ? "rows of table " + table + " differ"
                : "table " + table + " has " + found + " rows in the place of " + expected;
    }
}
