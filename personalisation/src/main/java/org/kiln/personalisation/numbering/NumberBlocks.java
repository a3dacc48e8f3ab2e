package org.kiln.personalisation.numbering;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;

/**
 * Which numbers of the ranges were given. They are taken within the transaction of whoever wants them; SQLite has one such
 * transaction at a time, so that no two get the same.
 */
public final class NumberBlocks {

    private static final String OF_A_RANGE = "select kind, first, past, state, order_id from number_block"
            + " where kind = ? and digits = ? and past > ? and first <= ? ";

    private final Database database;

    public NumberBlocks(Database database) {
        this.database = database;
    }

    /**
     * Takes {@code quantity} consecutive numbers within the caller's transaction: released ones if so many stand
     * together, else the next that were never given.
     *
     * @return the first of them, with leading zeros and without check digits
     * @throws RangeException if the range has not so many left
     */
    public static String take(Connection connection, NumberRange range, long quantity, String orderId)
            throws SQLException {
        Optional<NumberBlock> released = select(connection, range, "and state = 'RELEASED' order by first").stream()
                .filter(block -> block.count() >= quantity)
                .findFirst();
        if (released.isPresent()) {
            return retake(connection, range, released.get(), quantity, orderId);
        }
        BigInteger next = select(connection, range, "order by first desc limit 1").stream()
                .map(last -> new BigInteger(last.first()).add(BigInteger.valueOf(last.count())))
                .reduce(new BigInteger(range.first()), BigInteger::max);
        if (next.add(BigInteger.valueOf(quantity)).compareTo(range.past()) > 0) {
            throw new RangeException("number range '" + range.name() + "' has "
                    + range.past().subtract(next).max(BigInteger.ZERO) + " numbers left, " + quantity
                    + " are wanted; order fewer or name another range");
        }
        String first = NumberRanges.padded(next, range.digits());
        insert(connection, range, first, quantity, NumberBlock.State.TAKEN, orderId);
        return first;
    }

    private static String retake(
            Connection connection, NumberRange range, NumberBlock released, long quantity, String orderId)
            throws SQLException {
        delete(connection, range, released.first());
        insert(connection, range, released.first(), quantity, NumberBlock.State.TAKEN, orderId);
        if (released.count() > quantity) {
            String rest = NumberRanges.padded(
                    new BigInteger(released.first()).add(BigInteger.valueOf(quantity)), range.digits());
            insert(
                    connection,
                    range,
                    rest,
                    released.count() - quantity,
                    NumberBlock.State.RELEASED,
                    released.orderId());
        }
        return released.first();
    }

    private static void insert(
            Connection connection, NumberRange range, String first, long count, NumberBlock.State state, String orderId)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into number_block (kind, digits, first, past, state, order_id) values (?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, range.kind().name());
            insert.setInt(2, range.digits());
            insert.setString(3, first);
            insert.setString(
                    4, NumberRanges.padded(new BigInteger(first).add(BigInteger.valueOf(count)), range.digits() + 1));
            insert.setString(5, state.name());
            insert.setString(6, orderId);
            insert.executeUpdate();
        }
    }

    private static void delete(Connection connection, NumberRange range, String first) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from number_block where kind = ? and digits = ? and first = ?")) {
            delete.setString(1, range.kind().name());
            delete.setInt(2, range.digits());
            delete.setString(3, first);
            delete.executeUpdate();
        }
    }

    /** Which numbers of a range were given, in order. */
    public List<NumberBlock> of(NumberRange range) {
        return database.read(connection -> select(connection, range, "order by first"));
    }

    private static List<NumberBlock> select(Connection connection, NumberRange range, String which)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(OF_A_RANGE + which)) {
            select.setString(1, range.kind().name());
            select.setInt(2, range.digits());
            select.setString(3, NumberRanges.padded(new BigInteger(range.first()), range.digits() + 1));
            select.setString(4, NumberRanges.padded(range.past().subtract(BigInteger.ONE), range.digits()));
            try (ResultSet rows = select.executeQuery()) {
                List<NumberBlock> blocks = new ArrayList<>();
                while (rows.next()) {
                    blocks.add(new NumberBlock(
                            NumberKind.valueOf(rows.getString(1)),
                            rows.getString(2),
                            new BigInteger(rows.getString(3))
                                    .subtract(new BigInteger(rows.getString(2)))
                                    .longValueExact(),
                            NumberBlock.State.valueOf(rows.getString(4)),
                            rows.getString(5)));
                }
                return blocks;
            }
        }
    }

    /** Keeps a cancelled order's numbers from being given again, within the caller's transaction. */
    public static void quarantine(Connection connection, String orderId) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update number_block set state = 'QUARANTINED' where order_id = ? and state = 'TAKEN'")) {
            update.setString(1, orderId);
            update.executeUpdate();
        }
    }

    /**
     * Has a quarantined block given again: somebody has made sure that no card with one of its numbers exists.
     *
     * @param first the first number of the block
     * @param actor who does, for the audit log
     * @throws RangeException if no quarantined block of the range begins there
     */
    public NumberBlock release(String rangeName, String first, String actor) {
        return database.write(connection -> {
            NumberRange range = NumberRanges.find(connection, rangeName)
                    .orElseThrow(() -> new RangeException("there is no number range '" + rangeName + "'"));
            NumberBlock block = select(connection, range, "order by first").stream()
                    .filter(each -> each.first().equals(first) && each.state() == NumberBlock.State.QUARANTINED)
                    .findFirst()
                    .orElseThrow(() -> new RangeException("no quarantined block of range '" + rangeName
                            + "' begins with " + first + "; 'kiln numbers show' lists them"));
            try (PreparedStatement update = connection.prepareStatement(
                    "update number_block set state = 'RELEASED' where kind = ? and digits = ? and first = ?")) {
                update.setString(1, range.kind().name());
                update.setInt(2, range.digits());
                update.setString(3, first);
                update.executeUpdate();
            }
            AuditLog.add(
                    connection,
                    Instant.now(),
                    actor,
                    "NUMBERS_RELEASED",
                    "number-range/" + rangeName,
                    block.count() + " numbers of order " + block.orderId());
            return new NumberBlock(block.kind(), first, block.count(), NumberBlock.State.RELEASED, block.orderId());
        });
    }
}
