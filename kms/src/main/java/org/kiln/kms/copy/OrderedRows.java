package org.kiln.kms.copy;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Rows of a table in the order of its primary key, text by its octets on either engine. They are read some at a time, each time
 * from the last key on: so rows that were passed may change meanwhile, on the same connection.
 */
final class OrderedRows implements AutoCloseable {

    private static final int ROWS_A_PAGE = 1000;

    private final Table table;
    private final int columns;
    private final PreparedStatement first;
    private final PreparedStatement next;
    private final Deque<Row> page = new ArrayDeque<>();
    private @Nullable Row last;
    private boolean ended;

    /**
     * A row.
     *
     * @param key in the key's order
     * @param values the columns that were asked for
     */
    record Row(List<@Nullable Object> key, List<@Nullable Object> values) {

        /** Less than 0 if this row's key comes before the other's. */
        int compareKey(Row other) {
            for (int i = 0; i < key.size(); i++) {
                int order = compare(key.get(i), other.key.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }

        boolean hasSameValues(Row other) {
            return Arrays.deepEquals(values.toArray(), other.values.toArray());
        }

        private static int compare(@Nullable Object one, @Nullable Object other) {
            if (one instanceof Long number && other instanceof Long another) {
                return number.compareTo(another);
            }
            return Arrays.compareUnsigned(octets(one), octets(other));
        }

        private static byte[] octets(@Nullable Object value) {
            return switch (value) {
                case String text -> text.getBytes(StandardCharsets.UTF_8);
                case byte[] octets -> octets;
                case null, default ->
                    throw new CopyException("a primary key holds a value of a kind that has no order");
            };
        }
    }

    /** @param columns to be read besides the key */
    OrderedRows(Table table, Connection connection, List<String> columns) throws SQLException {
        this.table = table;
        this.columns = columns.size();
        boolean collating = connection.isWrapperFor(PGConnection.class);
        String key = table.key().stream()
                .map(column -> collating && isText(table, column) ? column + " collate \"C\"" : column)
                .collect(Collectors.joining(", "));
        String select = "select "
                + Stream.concat(table.key().stream(), columns.stream()).collect(Collectors.joining(", ")) + " from "
                + table.name();
        String order = " order by " + key + " limit " + ROWS_A_PAGE;
        first = connection.prepareStatement(select + order);
        next = connection.prepareStatement(
                select + " where (" + key + ") > (?" + ", ?".repeat(table.key().size() - 1) + ")" + order);
    }

    private static boolean isText(Table table, String column) {
        int type = table.columns().getOrDefault(column, Types.NULL);
        return type == Types.VARCHAR || type == Types.CHAR || type == Types.LONGVARCHAR;
    }

    /** The row that is to be taken next, or null at the end. */
    @Nullable
    Row peek() throws SQLException {
        if (page.isEmpty() && !ended) {
            turn();
        }
        return page.peek();
    }

    /** Passes the row that {@link #peek} showed. */
    void pass() {
        last = page.remove();
    }

    private void turn() throws SQLException {
        Row from = last;
        PreparedStatement select = from == null ? first : next;
        if (from != null) {
            for (int i = 0; i < from.key().size(); i++) {
                table.bind(select, i + 1, table.key().get(i), from.key().get(i));
            }
        }
        int keys = table.key().size();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                List<@Nullable Object> read = table.values(row, keys + columns);
                page.add(new Row(read.subList(0, keys), read.subList(keys, keys + columns)));
            }
        }
        ended = page.size() < ROWS_A_PAGE;
    }

    @Override
    public void close() throws SQLException {
        first.close();
        next.close();
    }
}
