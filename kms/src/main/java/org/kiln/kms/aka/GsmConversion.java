package org.kiln.kms.aka;

/** GSM parameters from UMTS ones (TS 33.102 clause 6.8.1.2). */
public final class GsmConversion {

    private static final int WORD = 4;
    private static final int KC = 8;

    private GsmConversion() {}

    /** c2: SRES of 4 octets, the XOR of RES's four words once it is filled up with zeros to 128 bits. */
    public static byte[] c2(byte[] res) {
        byte[] sres = new byte[WORD];
        for (int i = 0; i < res.length; i++) {
            sres[i % WORD] ^= res[i];
        }
        return sres;
    }

    /** c3: Kc of 8 octets, the XOR of the halves of CK and IK, which stand in the first 32 octets. */
    public static byte[] c3(byte[] ckIk) {
        byte[] kc = new byte[KC];
        for (int i = 0; i < 4 * KC; i++) {
            kc[i % KC] ^= ckIk[i];
        }
        return kc;
    }
}
