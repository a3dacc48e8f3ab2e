package org.kiln.kms.aka;

/**
 * A public land mobile network (TS 23.003 clause 2).
 *
 * @param mcc three digits
 * @param mnc two or three digits
 */
public record PlmnId(String mcc, String mnc) {

    public PlmnId {
        if (!mcc.matches("[0-9]{3}") || !mnc.matches("[0-9]{2,3}")) {
            throw new IllegalArgumentException("a PLMN has an MCC of three digits and an MNC of two or three");
        }
    }

    /** The identity in three octets (TS 24.301 clause 9.9.3.32): MCC2 MCC1, MNC3 MCC3, MNC2 MNC1; F for no MNC3. */
    public byte[] octets() {
        int third = mnc.length() == 3 ? mnc.charAt(2) - '0' : 0xf;
        return new byte[] {
            (byte) ((mcc.charAt(1) - '0') << 4 | (mcc.charAt(0) - '0')),
            (byte) (third << 4 | (mcc.charAt(2) - '0')),
            (byte) ((mnc.charAt(1) - '0') << 4 | (mnc.charAt(0) - '0'))
        };
    }
}
