package org.kiln.transfer.numbering;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A subscriber's number: ITU-T E.212, 3GPP TS 23.003 clause 2.2.
 *
 * @param digits 6 to 15 decimal digits: mobile country code (3), network code (2 or 3), subscriber
 */
public record Imsi(String digits) {

    /** Octets of EF.IMSI. */
    public static final int CODED_LENGTH = 9;

    private static final int EVEN = 1;
    private static final int ODD = 9;

    /**
     * Checks length and digits.
     *
     * @throws NumberingException if either is wrong
     */
    public Imsi {
        Digits.check("IMSI", digits, 6, 15, "ITU-T E.212");
    }

    /** The mobile country code: three digits. */
    public String mcc() {
        return digits.substring(0, 3);
    }

    /** The access class, 0 to 9: the last digit (3GPP TS 22.011 clause 4.2). */
    public int accessClass() {
        return digits.charAt(digits.length() - 1) - '0';
    }

    /** EF.ACC for {@link #accessClass()}, as four hexadecimal digits: see {@link Acc}. */
    public String accessControl() {
        return Acc.of(this).hex();
    }

    /**
     * The 9 octets of EF.IMSI (3GPP TS 31.102 clause 4.2.2, TS 24.008 figure 10.5.4): the length, then a nibble that says
     * IMSI and whether the digits are odd, then the digits, low nibble first, filled with F.
     */
    public byte[] coded() {
        int parity = digits.length() % 2 == 1 ? ODD : EVEN;
        byte[] coded = new byte[CODED_LENGTH];
        coded[0] = (byte) ((digits.length() + 2) / 2);
        System.arraycopy(Nibbles.pack(parity + digits, CODED_LENGTH - 1), 0, coded, 1, CODED_LENGTH - 1);
        return coded;
    }

    /** {@link #coded()} as 18 upper-case hexadecimal digits, the way files for card vendors often have it. */
    public String swapped() {
        return HexFormat.of().withUpperCase().formatHex(coded());
    }

    /**
     * Reads EF.IMSI.
     *
     * @throws NumberingException if the octets are no IMSI, or not coded as {@link #coded()} does
     */
    public static Imsi decode(byte[] coded) {
        if (coded.length != CODED_LENGTH) {
            throw new NumberingException(
                    "EF.IMSI has " + coded.length + " octets", "3GPP TS 31.102 clause 4.2.2 has " + CODED_LENGTH);
        }
        String nibbles = Nibbles.unpack(Arrays.copyOfRange(coded, 1, CODED_LENGTH));
        Imsi imsi = new Imsi(nibbles.isEmpty() ? "" : nibbles.substring(1));
        if (!Arrays.equals(coded, imsi.coded())) {
            throw new NumberingException(
                    "EF.IMSI has a wrong length or parity",
                    "3GPP TS 31.102 clause 4.2.2 and TS 24.008 clause 10.5.1.4");
        }
        return imsi;
    }

    /** The same subscriber as the 5G core names him. */
    public Supi asSupi() {
        return new Supi(Supi.IMSI_PREFIX + digits);
    }

    /** The masked form, for logs: see {@link Supi#masked()}. */
    @Override
    public String toString() {
        return Supi.mask(digits);
    }
}
