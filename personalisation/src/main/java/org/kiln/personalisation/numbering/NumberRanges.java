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
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;

/** The ranges that operators have set aside; {@link NumberBlocks} has which of their numbers were given. */
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
     * @param actor who does, for the audit log
     * @throws RangeException if the name is taken by another range, or the numbers are in one already
     */
    public void add(NumberRange range, String actor) {
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
            int inserted = insert(connection, range);
            AuditLog.add(
                    connection,
                    clock.instant(),
                    actor,
                    "NUMBER_RANGE_ADDED",
                    "number-range/" + range.name(),
                    range.size() + " " + range.kind() + "s of " + range.operator());
            return inserted;
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

    /** A number with leading zeros, so that text compares as numbers. */
    static String padded(BigInteger number, int digits) {
        String text = number.toString();
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }
}
