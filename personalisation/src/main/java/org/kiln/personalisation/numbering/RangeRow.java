package org.kiln.personalisation.numbering;

import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.SecondPerson;

/**
 * A range as its row has it.
 *
 * @param past the first number beyond it, with leading zeros
 * @param mac its code; null in a row of an earlier release
 */
record RangeRow(
        String name,
        NumberKind kind,
        String operator,
        boolean luhn,
        int digits,
        String first,
        String past,
        String created,
        @Nullable String mac) {

    static final String COLUMNS = "name, kind, operator, luhn, digits, first, past, created, mac";

    static RangeRow of(ResultSet row) throws SQLException {
        return new RangeRow(
                row.getString(1),
                NumberKind.valueOf(row.getString(2)),
                row.getString(3),
                row.getBoolean(4),
                row.getInt(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9));
    }

    static RangeRow of(NumberRange range, String created) {
        return new RangeRow(
                range.name(),
                range.kind(),
                range.operator(),
                range.hasCheckDigit(),
                range.digits(),
                range.first(),
                NumberRanges.padded(range.past(), range.digits() + 1),
                created,
                null);
    }

    String code(SecondPerson secondPerson) {
        return secondPerson.code(
                "number-range/1",
                name,
                kind.name(),
                operator,
                Boolean.toString(luhn),
                Integer.toString(digits),
                first,
                past,
                created);
    }

    boolean isAuthentic(SecondPerson secondPerson) {
        return code(secondPerson).equals(mac);
    }

    /** @throws RangeException.Damaged unless Kiln wrote it as it is */
    RangeRow authentic(SecondPerson secondPerson) {
        if (!isAuthentic(secondPerson)) {
            throw new RangeException.Damaged(name);
        }
        return this;
    }

    NumberRange read() {
        return new NumberRange(
                name,
                kind,
                operator,
                first,
                new BigInteger(past).subtract(new BigInteger(first)).longValueExact(),
                kind == NumberKind.ICCID ? luhn : null);
    }
}
