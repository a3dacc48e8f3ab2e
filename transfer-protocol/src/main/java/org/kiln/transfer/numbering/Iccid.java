package org.kiln.transfer.numbering;

import java.util.HexFormat;

/**
 * The number of a card: ITU-T E.118 clause 3, coded as EF.ICCID of ETSI TS 102 221 clause 13.2.
 *
 * @param digits decimal digits, beginning with 89 (telecommunications): 19 or 20 whose last is their check digit, or 18
 *     to 20 without one
 * @param checkDigit whether the last digit is one
 */
public record Iccid(String digits, CheckDigit checkDigit) {

    /** What the last digit of a card's number is. */
    public enum CheckDigit {
        /** The Luhn check digit of the others (ITU-T E.118 Annex B). */
        LUHN,
        /** A digit like the others: some operators' numbers carry no check digit. */
        NONE
    }

    /** Octets of EF.ICCID. */
    public static final int CODED_LENGTH = 10;

    private static final String STANDARD = "ITU-T E.118";

    /**
     * Checks length, digits, the industry prefix and the check digit, if there is one.
     *
     * @throws NumberingException if one of them is wrong
     */
    public Iccid {
        Digits.check("ICCID", digits, checkDigit == CheckDigit.LUHN ? 19 : 18, 20, STANDARD);
        checkPrefix(digits);
        int last = digits.length() - 1;
        if (checkDigit == CheckDigit.LUHN && Digits.luhn(digits.substring(0, last)) != digits.charAt(last) - '0') {
            throw new NumberingException(
                    "ICCID's last digit is not its Luhn check digit",
                    STANDARD + " ends a number with it: look for a mistyped digit");
        }
    }

    /** A number that ends in its check digit. */
    public Iccid(String digits) {
        this(digits, CheckDigit.LUHN);
    }

    /**
     * Appends the Luhn check digit.
     *
     * @param payloadWithoutCheckDigit 18 or 19 digits beginning with 89
     * @throws NumberingException if the payload is none
     */
    public static Iccid withCheckDigit(String payloadWithoutCheckDigit) {
        return of(payloadWithoutCheckDigit, CheckDigit.LUHN);
    }

    /**
     * The number of these digits, with the check digit appended if it is to have one.
     *
     * @param payload digits beginning with 89: 18 or 19 for {@link CheckDigit#LUHN}, 18 to 20 for {@link CheckDigit#NONE}
     * @throws NumberingException if the payload is none
     */
    public static Iccid of(String payload, CheckDigit checkDigit) {
        if (checkDigit == CheckDigit.NONE) {
            return new Iccid(payload, checkDigit);
        }
        Digits.check("ICCID without check digit", payload, 18, 19, STANDARD);
        return new Iccid(payload + Digits.luhn(payload));
    }

    /**
     * Reads EF.ICCID of a card whose number ends in its check digit.
     *
     * @param coded 10 octets, low nibble first, filled with F
     * @throws NumberingException if the octets are no ICCID
     */
    public static Iccid decode(byte[] coded) {
        return decode(coded, CheckDigit.LUHN);
    }

    /** As {@link #decode(byte[])}, for either kind of number. */
    public static Iccid decode(byte[] coded, CheckDigit checkDigit) {
        if (coded.length != CODED_LENGTH) {
            throw new NumberingException(
                    "EF.ICCID has " + coded.length + " octets", "ETSI TS 102 221 clause 13.2 has " + CODED_LENGTH);
        }
        return new Iccid(Nibbles.unpack(coded), checkDigit);
    }

    /** The 10 octets of EF.ICCID: two digits an octet, the first in the low nibble, filled with F. */
    public byte[] coded() {
        return Nibbles.pack(digits, CODED_LENGTH);
    }

    /** {@link #coded()} as 20 upper-case hexadecimal digits, the way files for card vendors often have it. */
    public String swapped() {
        return HexFormat.of().withUpperCase().formatHex(coded());
    }

    /** All digits but the check digit. */
    public String payload() {
        return checkDigit == CheckDigit.LUHN ? digits.substring(0, digits.length() - 1) : digits;
    }

    /** The digits, as printed on the card. */
    @Override
    public String toString() {
        return digits;
    }

    private static void checkPrefix(String digits) {
        if (!digits.startsWith("89")) {
            throw new NumberingException("ICCID does not begin with 89", STANDARD + " gives telecommunications 89");
        }
    }
}
