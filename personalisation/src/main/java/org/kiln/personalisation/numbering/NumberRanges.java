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
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;

/**
 * The ranges that operators have set aside; {@link NumberBlocks} has which of their numbers were given. Every row has a code over all
 * of it, which is checked before numbers are given.
 */
public final class NumberRanges {

    private final Database database;
    private final SecondPerson secondPerson;
    private final InstantSource clock;

    public NumberRanges(Database database, SecondPerson secondPerson, InstantSource clock) {
        this.database = database;
        this.secondPerson = secondPerson;
        this.clock = clock;
    }

    /**
     * Enters a range, in the place of one of its name whose row was changed.
     *
     * @param actor who does, for the audit log
     * @throws RangeException if the name is taken by another range, or the numbers are in one already
     */
    public void add(NumberRange range, String actor) {
        database.write(connection -> {
            Optional<RangeRow> same = row(connection, range.name());
            if (same.isPresent() && same.get().isAuthentic(secondPerson)) {
                if (!describes(same.get().read(), range)) {
                    throw new RangeException("there is another range '" + range.name() + "'; choose another name");
                }
                return range;
            }
            for (RangeRow other : select(connection, "where name <> ?", range.name())) {
                if (overlap(other.read(), range)) {
                    throw new RangeException("numbers of it are in range '" + other.name() + "' already; begin after "
                            + last(other.read(), range.digits()));
                }
            }
            write(connection, RangeRow.of(range, clock.instant().toString()));
            AuditLog.add(
                    connection,
                    clock.instant(),
                    actor,
                    "NUMBER_RANGE_ADDED",
                    "number-range/" + range.name(),
                    range.size() + " " + range.kind() + "s of " + range.operator());
            return range;
        });
    }

    private void write(Connection connection, RangeRow row) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("insert into number_range"
                + " (name, kind, operator, luhn, digits, first, past, created, mac) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " on conflict (name) do update set kind = excluded.kind, operator = excluded.operator,"
                + " luhn = excluded.luhn, digits = excluded.digits, first = excluded.first, past = excluded.past,"
                + " created = excluded.created, mac = excluded.mac")) {
            upsert.setString(1, row.name());
            upsert.setString(2, row.kind().name());
            upsert.setString(3, row.operator());
            upsert.setBoolean(4, row.luhn());
            upsert.setInt(5, row.digits());
            upsert.setString(6, row.first());
            upsert.setString(7, row.past());
            upsert.setString(8, row.created());
            upsert.setString(9, row.code(secondPerson));
            upsert.executeUpdate();
        }
    }

    /**
     * Gives rows of an earlier release their codes, within the caller's transaction.
     *
     * @return how many there were
     */
    public int enterCodes(Connection connection) throws SQLException {
        List<RangeRow> rows = select(connection, "where mac is null");
        for (RangeRow row : rows) {
            write(connection, row);
        }
        return rows.size();
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

    /** All ranges as they are stored. */
    public List<NumberRange> list() {
        return database.read(connection -> select(connection, "order by kind, digits, first")).stream()
                .map(RangeRow::read)
                .toList();
    }

    private static Optional<RangeRow> row(Connection connection, String name) throws SQLException {
        return select(connection, "where name = ?", name).stream().findFirst();
    }

    private static List<RangeRow> select(Connection connection, String which, String... values) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + RangeRow.COLUMNS + " from number_range " + which)) {
            for (int i = 0; i < values.length; i++) {
                select.setString(i + 1, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<RangeRow> found = new ArrayList<>();
                while (rows.next()) {
                    found.add(RangeRow.of(rows));
                }
                return found;
            }
        }
    }

    /**
     * A range, within the caller's transaction.
     *
     * @throws RangeException.Damaged if its row was changed
     */
    Optional<NumberRange> find(Connection connection, String name) throws SQLException {
        return row(connection, name).map(row -> row.authentic(secondPerson).read());
    }

    /**
     * A range that an order may draw from.
     *
     * @throws RangeException if there is none of this name, kind and operator
     */
    public NumberRange require(Connection connection, String name, NumberKind kind, String operator)
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
