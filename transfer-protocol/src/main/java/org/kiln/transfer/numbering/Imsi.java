package org.kiln.transfer.numbering;

import java.util.Locale;

/**
 * A subscriber's number: ITU-T E.212, 3GPP TS 23.003 clause 2.2.
 *
 * @param digits 6 to 15 decimal digits: mobile country code (3), network code (2 or 3), subscriber
 */
public record Imsi(String digits) {

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

    /** EF.ACC for {@link #accessClass()}: bit 2^class of two octets as four hexadecimal digits (TS 31.102 4.2.15). */
    public String accessControl() {
        return String.format(Locale.ROOT, "%04X", 1 << accessClass());
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
