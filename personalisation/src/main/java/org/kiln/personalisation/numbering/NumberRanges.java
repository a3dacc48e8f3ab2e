package org.kiln.personalisation.numbering;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.store.Database;

/**
 * The ranges and which of their numbers are taken. Allocation happens within the transaction of the order that wants the
 * numbers; SQLite has one such transaction at a time, so that no two get the same.
 */
public final class NumberRanges {

    private final Database database;
    private final InstantSource clock;

    public NumberRanges(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Enters a range.
     *
     * @throws RangeException if the name is taken by another range, or the numbers are in one already
     */
    public void add(NumberRange range) {
        database.write(connection -> {
            Optional<NumberRange> same = find(connection, range.name());
            if (same.isPresent()) {
                if (!describes(same.get(), range)) {
                    throw new RangeException("there is another range '" + range.name() + "'; choose another name");
                }
                return 0;
            }
            for (NumberRange other : list(connection)) {
                if (overlap(other, range)) {
                    throw new RangeException("numbers of it are in range '" + other.name() + "' already; begin after "
                            + last(other, range.digits()));
                }
            }
            return insert(connection, range);
        });
    }

    private int insert(Connection connection, NumberRange range) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into number_range"
                + " (name, kind, operator, luhn, digits, first, past, created) values (?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, range.name());
            insert.setString(2, range.kind().name());
            insert.setString(3, range.operator());
            insert.setBoolean(4, range.hasCheckDigit());
            insert.setInt(5, range.digits());
            insert.setString(6, range.first());
            insert.setString(7, padded(range.past(), range.digits() + 1));
            insert.setString(8, clock.instant().toString());
            return insert.executeUpdate();
        }
    }

    private static boolean describes(NumberRange one, NumberRange other) {
        return one.kind() == other.kind()
                && one.operator().equals(other.operator())
                && one.first().equals(other.first())
                && one.size() == other.size()
                && one.hasCheckDigit() == other.hasCheckDigit();
    }

    private static boolean overlap(NumberRange one, NumberRange other) {
        return one.kind() == other.kind()
                && ((one.digits() == other.digits()
                                && cross(
                                        new BigInteger(one.first()),
                                        one.past(),
                                        new BigInteger(other.first()),
                                        other.past()))
                        || (one.digitsOnCard() == other.digitsOnCard()
                                && cross(
                                        one.firstOnCard(), one.pastOnCard(), other.firstOnCard(), other.pastOnCard())));
    }

    /** The last number of a range, in the digits of another that crosses it. */
    private static String last(NumberRange of, int digits) {
        BigInteger last = digits > of.digits()
                ? of.pastOnCard().subtract(BigInteger.ONE)
                : of.past().subtract(BigInteger.ONE).divide(BigInteger.TEN.pow(of.digits() - digits));
        return padded(last, digits);
    }

    private static boolean cross(BigInteger first, BigInteger past, BigInteger otherFirst, BigInteger otherPast) {
        return first.compareTo(otherPast) < 0 && otherFirst.compareTo(past) < 0;
    }

    public List<NumberRange> list() {
        return database.read(NumberRanges::list);
    }

    private static List<NumberRange> list(Connection connection) throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("select name, kind, operator, first, past, luhn from number_range"
                                + " order by kind, digits, first");
                ResultSet rows = select.executeQuery()) {
            List<NumberRange> ranges = new ArrayList<>();
            while (rows.next()) {
                ranges.add(read(rows));
            }
            return ranges;
        }
    }

    private static NumberRange read(ResultSet row) throws SQLException {
        NumberKind kind = NumberKind.valueOf(row.getString(2));
        BigInteger size = new BigInteger(row.getString(5)).subtract(new BigInteger(row.getString(4)));
        return new NumberRange(
                row.getString(1),
                kind,
                row.getString(3),
                row.getString(4),
                size.longValueExact(),
                kind == NumberKind.ICCID ? row.getBoolean(6) : null);
    }

    /** A range, within the caller's transaction. */
    public static Optional<NumberRange> find(Connection connection, String name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select name, kind, operator, first, past, luhn from number_range where name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(read(row)) : Optional.empty();
            }
        }
    }

    /**
     * A range that an order may draw from.
     *
     * @throws RangeException if there is none of this name, kind and operator
     */
    public static NumberRange require(Connection connection, String name, NumberKind kind, String operator)
            throws SQLException {
        NumberRange range = find(connection, name)
                .orElseThrow(() ->
                        new RangeException("there is no number range '" + name + "'; 'kiln numbers add' enters one"));
        if (range.kind() != kind) {
            throw new RangeException("number range '" + name + "' has " + range.kind() + "s, not " + kind + "s");
        }
        if (!range.operator().equals(operator)) {
            throw new RangeException("number range '" + name + "' is not operator '" + operator + "'s");
        }
        return range;
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
        Optional<NumberBlock> released = blocks(connection, range).stream()
                .filter(block -> block.state() == NumberBlock.State.RELEASED && block.count() >= quantity)
                .findFirst();
        if (released.isPresent()) {
            return retake(connection, range, released.get(), quantity, orderId);
        }
        BigInteger next = blocks(connection, range).stream()
                .map(block -> new BigInteger(block.first()).add(BigInteger.valueOf(block.count())))
                .reduce(new BigInteger(range.first()), BigInteger::max);
        BigInteger end = next.add(BigInteger.valueOf(quantity));
        if (end.compareTo(range.past()) > 0) {
            throw new RangeException("number range '" + range.name() + "' has "
                    + range.past().subtract(next).max(BigInteger.ZERO) + " numbers left, " + quantity
                    + " are wanted; order fewer or name another range");
        }
        String first = padded(next, range.digits());
        insert(connection, range, first, quantity, NumberBlock.State.TAKEN, orderId);
        return first;
    }

    private static String retake(
            Connection connection, NumberRange range, NumberBlock released, long quantity, String orderId)
            throws SQLException {
        delete(connection, range, released.first());
        insert(connection, range, released.first(), quantity, NumberBlock.State.TAKEN, orderId);
        if (released.count() > quantity) {
            String rest = padded(new BigInteger(released.first()).add(BigInteger.valueOf(quantity)), range.digits());
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
            insert.setString(4, padded(new BigInteger(first).add(BigInteger.valueOf(count)), range.digits() + 1));
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
    public List<NumberBlock> blocks(NumberRange range) {
        return database.read(connection -> blocks(connection, range));
    }

    private static List<NumberBlock> blocks(Connection connection, NumberRange range) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select kind, first, past, state, order_id from number_block"
                        + " where kind = ? and digits = ? and past > ? and first <= ? order by first")) {
            select.setString(1, range.kind().name());
            select.setInt(2, range.digits());
            select.setString(3, padded(new BigInteger(range.first()), range.digits() + 1));
            select.setString(4, padded(range.past().subtract(BigInteger.ONE), range.digits()));
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
     * @throws RangeException if no quarantined block of the range begins there
     */
    public NumberBlock release(String rangeName, String first) {
        return database.write(connection -> {
            NumberRange range = find(connection, rangeName)
                    .orElseThrow(() -> new RangeException("there is no number range '" + rangeName + "'"));
            NumberBlock block = blocks(connection, range).stream()
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
            return new NumberBlock(block.kind(), first, block.count(), NumberBlock.State.RELEASED, block.orderId());
        });
    }

    private static String padded(BigInteger number, int digits) {
        String text = number.toString();
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }
}
