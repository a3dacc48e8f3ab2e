package org.kiln.kms.copy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a table hold what the same table of another database holds, by writing the rows that differ. Both have a primary key. */
final class TableUpdate {

    private static final int ROWS_A_BATCH = 500;

    private final Table table;
    private final Connection from;
    private final Connection to;
    private final String where;
    private long written;

    /** @param table as {@code to} has it */
    TableUpdate(Table table, Connection from, Connection to) {
        this.table = table;
        this.from = from;
        this.to = to;
        where = " where " + table.key().stream().map(column -> column + " = ?").collect(Collectors.joining(" and "));
    }

    /** Rows that were put in, changed or removed. */
    long written() {
        return written;
    }

    /** Removes the rows whose keys {@code from} does not have; returns how many. */
    long removeGone() throws SQLException {
        try (OrderedRows source = new OrderedRows(table, from, List.of());
                OrderedRows target = new OrderedRows(table, to, List.of());
                Batch deletion = new Batch("delete from " + table.name() + where)) {
            OrderedRows.Row there = target.peek();
            while (there != null) {
                OrderedRows.Row wanted = source.peek();
                int order = wanted == null ? 1 : wanted.compareKey(there);
                if (order > 0) {
                    deletion.add(table.key(), there.key());
                }
                if (order <= 0) {
                    source.pass();
                }
                if (order >= 0) {
                    target.pass();
                }
                there = target.peek();
            }
            deletion.execute();
        }
        return written;
    }

    /**
     * Puts in the rows that are missing, and changes those that differ.
     *
     * @param seen called for each row of {@code from}
     * @return what {@code from} holds
     */
    TableDigest putDifferent(Runnable seen) throws SQLException {
        List<String> columns = List.copyOf(table.columns().keySet());
        RowSum sum = new RowSum(table.name());
        try (OrderedRows source = new OrderedRows(table, from, columns);
                OrderedRows target = new OrderedRows(table, to, columns);
                Batch insertion = new Batch(table.insertion(to));
                Batch change = new Batch("update " + table.name() + " set "
                        + columns.stream().map(column -> column + " = ?").collect(Collectors.joining(", ")) + where)) {
            OrderedRows.Row wanted = source.peek();
            while (wanted != null) {
                OrderedRows.Row there = target.peek();
                int order = there == null ? -1 : wanted.compareKey(there);
                if (order > 0) {
                    throw new CopyException("table " + table.name()
                            + " has rows that are not to be there: is somebody else writing to the new database?");
                }
                if (there == null || order < 0) {
                    insertion.add(columns, wanted.values());
                } else {
                    if (!wanted.hasSameValues(there)) {
                        change.add(columns, wanted.values(), table.key(), wanted.key());
                    }
                    target.pass();
                }
                sum.add(wanted.values());
                seen.run();
                source.pass();
                wanted = source.peek();
            }
            insertion.execute();
            change.execute();
        }
        return sum.digest();
    }

    /** A statement for many rows. */
    private final class Batch implements AutoCloseable {

        private final PreparedStatement statement;
        private int waiting;

        Batch(String sql) throws SQLException {
            this(to.prepareStatement(sql));
        }

        Batch(PreparedStatement statement) {
            this.statement = statement;
        }

        void add(List<String> columns, List<@Nullable Object> values) throws SQLException {
            add(columns, values, List.of(), List.of());
        }

        void add(
                List<String> columns, List<@Nullable Object> values, List<String> key, List<@Nullable Object> keyValues)
                throws SQLException {
            bind(columns, values, 1);
            bind(key, keyValues, columns.size() + 1);
            statement.addBatch();
            written++;
            waiting++;
            if (waiting == ROWS_A_BATCH) {
                execute();
            }
        }

        private void bind(List<String> columns, List<@Nullable Object> values, int first) throws SQLException {
            for (int i = 0; i < columns.size(); i++) {
                table.bind(statement, first + i, columns.get(i), values.get(i));
            }
        }

        void execute() throws SQLException {
            if (waiting > 0) {
                statement.executeBatch();
                waiting = 0;
            }
        }

        @Override
        public void close() throws SQLException {
            statement.close();
        }
    }
}
