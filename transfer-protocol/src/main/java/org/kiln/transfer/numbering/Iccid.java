package org.kiln.transfer.numbering;

/**
 * The number of a card: ITU-T E.118 clause 3, coded as EF.ICCID of ETSI TS 102 221 clause 13.2.
 *
 * @param digits 19 or 20 decimal digits, beginning with 89 (telecommunications) and ending in their Luhn check digit
 */
public record Iccid(String digits) {

    /** Octets of EF.ICCID. */
    public static final int CODED_LENGTH = 10;

    private static final String STANDARD = "ITU-T E.118";

    /**
     * Checks length, digits, the industry prefix and the check digit.
     *
     * @throws NumberingException if one of them is wrong
     */
    public Iccid {
        Digits.check("ICCID", digits, 19, 20, STANDARD);
        checkPrefix(digits);
        int last = digits.length() - 1;
        if (Digits.luhn(digits.substring(0, last)) != digits.charAt(last) - '0') {
            throw new NumberingException(
                    "ICCID's last digit is not its Luhn check digit",
                    STANDARD + " ends a number with it: look for a mistyped digit");
        }
    }

    /**
     * Appends the Luhn check digit.
     *
     * @param payloadWithoutCheckDigit 18 or 19 digits beginning with 89
     * @throws NumberingException if the payload is none
     */
    public static Iccid withCheckDigit(String payloadWithoutCheckDigit) {
        Digits.check("ICCID without check digit", payloadWithoutCheckDigit, 18, 19, STANDARD);
        return new Iccid(payloadWithoutCheckDigit + Digits.luhn(payloadWithoutCheckDigit));
    }

    /**
     * Reads EF.ICCID.
     *
     * @param coded 10 octets, low nibble first, filled with F
     * @throws NumberingException if the octets are no ICCID
     */
    public static Iccid decode(byte[] coded) {
        if (coded.length != CODED_LENGTH) {
            throw new NumberingException(
                    "EF.ICCID has " + coded.length + " octets", "ETSI TS 102 221 clause 13.2 has " + CODED_LENGTH);
        }
        StringBuilder digits = new StringBuilder(2 * CODED_LENGTH);
        for (byte octet : coded) {
            digits.append(Character.forDigit(octet & 0xF, 16)).append(Character.forDigit(octet >> 4 & 0xF, 16));
        }
        int end = digits.length();
        while (end > 0 && digits.charAt(end - 1) == 'f') {
            end--;
        }
        return new Iccid(digits.substring(0, end));
    }

    /** The 10 octets of EF.ICCID: two digits an octet, the first in the low nibble, filled with F. */
    public byte[] coded() {
        byte[] coded = new byte[CODED_LENGTH];
        for (int i = 0; i < CODED_LENGTH; i++) {
            coded[i] = (byte) (nibble(2 * i + 1) << 4 | nibble(2 * i));
        }
        return coded;
    }

    /** All digits but the check digit. */
    public String payload() {
        return digits.substring(0, digits.length() - 1);
    }

    /** The digits, as printed on the card. */
    @Override
    public String toString() {
        return digits;
    }

    private int nibble(int index) {
        return index < digits.length() ? digits.charAt(index) - '0' : 0xF;
    }

    private static void checkPrefix(String digits) {
        if (!digits.startsWith("89")) {
            throw new NumberingException("ICCID does not begin with 89", STANDARD + " gives telecommunications 89");
        }
    }
}
