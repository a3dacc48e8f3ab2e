package org.kiln.personalisation.numbering;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Rows of blocks, each call within the caller's transaction. */
final class BlockTable {

    private static final String OF_A_SPAN = "select kind, first, past, state, order_id, reason from number_block"
            + " where kind = ? and digits = ? and past > ? and first <= ? ";

    private BlockTable() {}

    /**
     * Blocks with numbers of a range.
     *
     * @param which more conditions and the order; its marks stand for {@code values}
     */
    static List<NumberBlock> select(Connection connection, NumberRange range, String which, Object... values)
            throws SQLException {
        return select(connection, range, range.span(), which, values);
    }

    /** Blocks with numbers of a span, in order. */
    static List<NumberBlock> crossing(Connection connection, NumberRange range, NumberSpan span) throws SQLException {
        return select(connection, range, span, "order by first");
    }

    private static List<NumberBlock> select(
            Connection connection, NumberRange range, NumberSpan span, String which, Object... values)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(OF_A_SPAN + which)) {
            select.setString(1, range.kind().name());
            select.setInt(2, range.digits());
            select.setString(3, NumberRanges.padded(span.first(), range.digits() + 1));
            select.setString(4, NumberRanges.padded(span.past().subtract(BigInteger.ONE), range.digits()));
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 5, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<NumberBlock> blocks = new ArrayList<>();
                while (rows.next()) {
                    blocks.add(read(rows));
                }
                return blocks;
            }
        }
    }

    private static NumberBlock read(ResultSet row) throws SQLException {
        return new NumberBlock(
                NumberKind.valueOf(row.getString(1)),
                row.getString(2),
                new NumberSpan(new BigInteger(row.getString(2)), new BigInteger(row.getString(3))).count(),
                NumberBlock.State.valueOf(row.getString(4)),
                row.getString(5),
                row.getString(6));
    }

    static void insert(Connection connection, NumberBlock block) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into number_block (kind, digits, first, past, state, order_id, reason) values (?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, block.kind().name());
            insert.setInt(2, block.first().length());
            insert.setString(3, block.first());
            insert.setString(
                    4, NumberRanges.padded(block.span().past(), block.first().length() + 1));
            insert.setString(5, block.state().name());
            insert.setString(6, block.orderId());
            insert.setString(7, block.reason());
            insert.executeUpdate();
        }
    }

    static void delete(Connection connection, NumberBlock block) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from number_block where kind = ? and digits = ? and first = ?")) {
            delete.setString(1, block.kind().name());
            delete.setInt(2, block.first().length());
            delete.setString(3, block.first());
            delete.executeUpdate();
        }
    }
}
