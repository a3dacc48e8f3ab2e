package org.kiln.personalisation.order;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Gives each number to one card only: the next free ones of a range, for good. */
final class NumberAllocation {

    /** Kinds of number, each a space of its own. */
    enum Kind {
        ICCID,
        IMSI
    }

    private NumberAllocation() {}

    /**
     * Allocates {@code quantity} consecutive numbers of {@code range} within the caller's transaction.
     *
     * @return the first of them, with leading zeros
     * @throws OrderException if the range has not so many left
     */
    static String allocate(Connection connection, Kind kind, NumberRange range, int quantity, String order)
            throws SQLException {
        int digits = range.first().length();
        BigInteger first = new BigInteger(range.first());
        BigInteger end = first.add(BigInteger.valueOf(range.size()));
        BigInteger next = first.max(endOfAllocations(connection, kind, digits, first, end));
        BigInteger nextEnd = next.add(BigInteger.valueOf(quantity));
        if (nextEnd.compareTo(end) > 0) {
            throw new OrderException("the " + kind + " range from " + range.first() + " has "
                    + end.subtract(next).max(BigInteger.ZERO) + " numbers left, " + quantity
                    + " are wanted; order fewer or name another range");
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into number_allocation (kind, digits, first, past, order_id) values (?, ?, ?, ?, ?)")) {
            insert.setString(1, kind.name());
            insert.setInt(2, digits);
            insert.setString(3, padded(next, digits));
            insert.setString(4, padded(nextEnd, digits + 1));
            insert.setString(5, order);
            insert.executeUpdate();
        }
        return padded(next, digits);
    }

    private static BigInteger endOfAllocations(
            Connection connection, Kind kind, int digits, BigInteger first, BigInteger end) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select max(past) from number_allocation where kind = ? and digits = ? and past > ? and first < ?")) {
            select.setString(1, kind.name());
            select.setInt(2, digits);
            select.setString(3, padded(first, digits + 1));
            select.setString(4, padded(end, digits));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                String past = row.getString(1);
                return past == null ? BigInteger.ZERO : new BigInteger(past);
            }
        }
    }

    private static String padded(BigInteger number, int digits) {
        String text = number.toString();
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }
}
