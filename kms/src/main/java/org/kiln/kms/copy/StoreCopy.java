package org.kiln.kms.copy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/** Copies what one database holds into another of the same release, of either engine. */
public final class StoreCopy {

    private static final int ROWS_A_BATCH = 500;

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

    private List<TableDigest> run() throws SQLException {
        List<Table> tables = common(Tables.of(to).inOrder());
        for (Table table : tables.reversed()) {
            table.clear(to);
        }
        List<TableDigest> digests = new ArrayList<>();
        for (Table table : tables) {
            TableDigest digest = copy(table);
            if (digest.rows() > 0) {
                digests.add(digest);
            }
        }
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
