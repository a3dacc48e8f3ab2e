package org.kiln.transfer.numbering;

import java.util.HexFormat;

/**
 * A telephone number in international form: ITU-T E.164, within the lengths of 3GPP TS 29.571 clause 5.3.2.
 *
 * @param digits 5 to 15 decimal digits, beginning with the country code; no plus sign
 */
public record Msisdn(String digits) {

    /** Octets of a dialling number in EF.MSISDN. */
    public static final int CODED_LENGTH = 10;

    private static final String STANDARD = "ITU-T E.164";

    /**
     * Checks length and digits.
     *
     * @throws NumberingException if either is wrong
     */
    public Msisdn {
        Digits.check("MSISDN", digits, 5, 15, STANDARD);
        if (digits.charAt(0) == '0') {
            throw new NumberingException(
                    "MSISDN begins with 0", STANDARD + " begins with a country code, which begins with 1 to 9");
        }
    }

    /** The dialling number of EF.MSISDN (3GPP TS 31.102 clause 4.2.26): low nibble first, filled with F. */
    public byte[] coded() {
        return Nibbles.pack(digits, CODED_LENGTH);
    }

    /**
     * Reads a dialling number.
     *
     * @throws NumberingException if the octets are none
     */
    public static Msisdn decode(byte[] coded) {
        if (coded.length != CODED_LENGTH) {
            throw new NumberingException(
                    "the dialling number has " + coded.length + " octets",
                    "3GPP TS 31.102 clause 4.2.26 has " + CODED_LENGTH);
        }
        return new Msisdn(Nibbles.unpack(coded));
    }

    /** {@link #coded()} as 20 upper-case hexadecimal digits. */
    public String swapped() {
        return HexFormat.of().withUpperCase().formatHex(coded());
    }

    /** The masked form, for logs: see {@link Supi#masked()}. */
    @Override
    public String toString() {
        return Supi.mask(digits);
    }
}
