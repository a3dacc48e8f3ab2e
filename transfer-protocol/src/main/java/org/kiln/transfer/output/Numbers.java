package org.kiln.transfer.output;

import java.util.HexFormat;
import java.util.Set;
import org.kiln.transfer.numbering.Eid;
import org.kiln.transfer.numbering.Iccid;
import org.kiln.transfer.numbering.Imsi;
import org.kiln.transfer.numbering.Msisdn;

/** Numbers as cards take them, by the column that holds them. */
final class Numbers {

    static final Set<String> SWAPPABLE = Set.of("ICCID", "IMSI", "MSISDN", "EID");

    private Numbers() {}

    /** @throws IllegalArgumentException if the value is no such number */
    static String swapped(String column, String digits) {
        return switch (column) {
            case "ICCID" -> new Iccid(digits, Iccid.CheckDigit.NONE).swapped();
            case "IMSI" -> new Imsi(digits).swapped();
            case "MSISDN" -> new Msisdn(digits).swapped();
            case "EID" -> new Eid(digits).swapped();
            default ->
                throw new IllegalArgumentException("column " + column + " holds no number that cards take swapped");
        };
    }

    /** @throws IllegalArgumentException if the value is no such number, or not coded as {@link #swapped} codes it */
    static String digits(String column, String swapped) {
        byte[] coded = HexFormat.of().parseHex(swapped);
        String digits = switch (column) {
            case "ICCID" -> Iccid.decode(coded, Iccid.CheckDigit.NONE).digits();
            case "IMSI" -> Imsi.decode(coded).digits();
            case "MSISDN" -> Msisdn.decode(coded).digits();
            case "EID" -> Eid.decode(coded).digits();
            default -> throw new IllegalArgumentException("column " + column + " is not swapped");
        };
        if (!swapped(column, digits).equals(swapped)) {
            throw new IllegalArgumentException("it is not upper-case hexadecimal with its filling at the end");
        }
        return digits;
    }
}
