package org.kiln.transfer.numbering;

import java.util.Locale;

/**
 * The access classes of a card: EF.ACC (3GPP TS 31.102 clause 4.2.15, classes as in TS 22.011 clause 4.2).
 *
 * @param bits bit 2^n set for class n: exactly one of 0 to 9, which the IMSI gives, and any of 11 to 15, which are for
 *     special users; class 10 is no card's
 */
public record Acc(int bits) {

    private static final int ORDINARY = 0x03FF;
    private static final int SPECIAL = 0xF800;
    private static final int FIRST_SPECIAL = 11;
    private static final int LAST_SPECIAL = 15;

    /** @throws NumberingException if the bits are not as above */
    public Acc {
        if ((bits & ~(ORDINARY | SPECIAL)) != 0 || Integer.bitCount(bits & ORDINARY) != 1) {
            throw new NumberingException(
                    "ACC has other bits than a card may have",
                    "3GPP TS 22.011 clause 4.2 gives each card one class of 0 to 9 and special users 11 to 15 besides");
        }
    }

    /** The class that the IMSI's last digit gives. */
    public static Acc of(Imsi imsi) {
        return new Acc(1 << imsi.accessClass());
    }

    /**
     * These classes and a special one.
     *
     * @param accessClass 11 to 15
     * @throws NumberingException if it is another
     */
    public Acc withSpecial(int accessClass) {
        if (accessClass < FIRST_SPECIAL || accessClass > LAST_SPECIAL) {
            throw new NumberingException(
                    "access class " + accessClass + " is not special", "3GPP TS 22.011 clause 4.2 has 11 to 15");
        }
        return new Acc(bits | 1 << accessClass);
    }

    /** The two octets of EF.ACC as four upper-case hexadecimal digits. */
    public String hex() {
        return String.format(Locale.ROOT, "%04X", bits);
    }

    @Override
    public String toString() {
        return hex();
    }
}
