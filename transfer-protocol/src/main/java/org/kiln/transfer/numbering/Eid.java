package org.kiln.transfer.numbering;

import java.util.HexFormat;

/**
 * The number of an eUICC: GSMA SGP.29, before that SGP.02 clause 2.2.2.
 *
 * @param digits 32 decimal digits, beginning with 89 and ending in two check digits, with which the number is 1 modulo 97
 *     (ISO/IEC 7064 MOD 97-10)
 */
public record Eid(String digits) {

    /** All digits. */
    public static final int LENGTH = 32;

    private static final int CHECK_DIGITS = 2;
    private static final int MODULUS = 97;
    private static final String STANDARD = "GSMA SGP.29";

    /**
     * Checks length, digits, the industry prefix and the check digits.
     *
     * @throws NumberingException if one of them is wrong
     */
    public Eid {
        Digits.check("EID", digits, LENGTH, LENGTH, STANDARD);
        if (!digits.startsWith("89")) {
            throw new NumberingException("EID does not begin with 89", STANDARD + " gives telecommunications 89");
        }
        if (remainder(digits) != 1) {
            throw new NumberingException(
                    "EID's last two digits are not its check digits",
                    STANDARD + " has the number 1 modulo 97: look for a mistyped digit");
        }
    }

    /**
     * Appends the check digits.
     *
     * @param payload 30 digits beginning with 89
     * @throws NumberingException if the payload is none
     */
    public static Eid withCheckDigits(String payload) {
        Digits.check("EID without check digits", payload, LENGTH - CHECK_DIGITS, LENGTH - CHECK_DIGITS, STANDARD);
        int check = MODULUS + 1 - remainder(payload + "00");
        return new Eid(payload + check / 10 + check % 10);
    }

    /** All digits but the check digits. */
    public String payload() {
        return digits.substring(0, LENGTH - CHECK_DIGITS);
    }

    /** The 16 octets with the low nibble first. An eUICC itself tells its EID unswapped (GSMA SGP.22, tag 5A). */
    public byte[] coded() {
        return Nibbles.pack(digits, LENGTH / 2);
    }

    /**
     * Reads what {@link #coded()} made.
     *
     * @throws NumberingException if the octets are no EID
     */
    public static Eid decode(byte[] coded) {
        return new Eid(Nibbles.unpack(coded));
    }

    /** {@link #coded()} as 32 digits. */
    public String swapped() {
        return HexFormat.of().formatHex(coded());
    }

    /** The digits, as printed on the device. */
    @Override
    public String toString() {
        return digits;
    }

    private static int remainder(String digits) {
        int remainder = 0;
        for (int i = 0; i < digits.length(); i++) {
            remainder = (remainder * 10 + digits.charAt(i) - '0') % MODULUS;
        }
        return remainder;
    }
}
