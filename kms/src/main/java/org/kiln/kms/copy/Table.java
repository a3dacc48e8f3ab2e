package org.kiln.kms.copy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A table.
 *
 * @param columns the type of each by its name, of {@link Types} as the engine's driver has it
 * @param key the columns of its primary key, in the key's order; empty if it has none
 */
record Table(String name, SortedMap<String, Integer> columns, List<String> key) {

    private static final int ROWS_A_FETCH = 1000;

    Table {
        columns = Collections.unmodifiableSortedMap(columns);
        key = List.copyOf(key);
    }

    /** Takes rows as they come. */
    @FunctionalInterface
    interface Rows {

        /** @param values in the order of {@link #columns}, each null, a {@link Long}, a {@link String} or a {@code byte[]} */
        void row(List<@Nullable Object> values) throws SQLException;
    }

    void read(Connection connection, Rows rows) throws SQLException {
        try (Statement select = connection.createStatement()) {
            select.setFetchSize(ROWS_A_FETCH);
            try (ResultSet row = select.executeQuery("select " + names() + " from " + name)) {
                while (row.next()) {
                    rows.row(values(row, columns.size()));
                }
            }
        }
    }

    /** The first columns of a row that was read. */
    List<@Nullable Object> values(ResultSet row, int count) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(count);
        for (int i = 1; i <= count; i++) {
            values.add(value(row.getObject(i)));
        }
        return values;
    }

    private @Nullable Object value(@Nullable Object read) {
        return switch (read) {
            case null -> null;
            case Boolean truth -> truth ? 1L : 0L;
            case Integer number -> number.longValue();
            case Long number -> number;
            case String text -> text;
            case byte[] octets -> octets;
            default ->
                throw new CopyException("table " + name + " holds a value of a kind that is not copied: "
                        + read.getClass().getSimpleName());
        };
    }

    PreparedStatement insertion(Connection connection) throws SQLException {
        return connection.prepareStatement(
                "insert into " + name + " (" + names() + ") values (?" + ", ?".repeat(columns.size() - 1) + ")");
    }

    /** Sets the parameters of an {@link #insertion}. */
    void bind(PreparedStatement insertion, List<@Nullable Object> values) throws SQLException {
        int place = 1;
        for (int type : columns.values()) {
            Object value = values.get(place - 1);
            bind(insertion, place, type, value);
            place++;
        }
    }

    /** Sets one parameter, which stands for a column. */
    void bind(PreparedStatement statement, int place, String column, @Nullable Object value) throws SQLException {
        bind(statement, place, columns.getOrDefault(column, Types.NULL), value);
    }

    private static void bind(PreparedStatement statement, int place, int type, @Nullable Object value)
            throws SQLException {
        switch (value) {
            case null -> statement.setNull(place, type);
            case Long truth when type == Types.BIT || type == Types.BOOLEAN -> statement.setBoolean(place, truth != 0);
            case Long number -> statement.setLong(place, number);
            case String text -> statement.setString(place, text);
            case byte[] octets -> statement.setBytes(place, octets);
            default -> throw new IllegalArgumentException(value.getClass().getName());
        }
    }

    TableDigest digest(Connection connection) throws SQLException {
        RowSum sum = new RowSum(name);
        read(connection, sum::add);
        return sum.digest();
    }

    long count(Connection connection) throws SQLException {
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("select count(*) from " + name)) {
            row.next();
            return row.getLong(1);
        }
    }

    void clear(Connection connection) throws SQLException {
        try (Statement delete = connection.createStatement()) {
            delete.executeUpdate("delete from " + name);
        }
    }

    private String names() {
        return String.join(", ", columns.keySet());
    }
}
