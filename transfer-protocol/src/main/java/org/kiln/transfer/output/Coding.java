package org.kiln.transfer.output;

/** How a number stands in a file. */
public enum Coding {
    /** As the column has it. */
    PLAIN,
    /**
     * Nibbles swapped and filled with F, as the card takes it, in upper-case hexadecimal: for ICCID (EF.ICCID), IMSI
     * (EF.IMSI with its length and parity), MSISDN and EID.
     */
    SWAPPED
}
