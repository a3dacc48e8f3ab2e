package org.kiln.kms.aka;

/**
 * Lengths, in octets, of what f1 to f4 give; AK always has six.
 *
 * @param mac of MAC-A and MAC-S
 * @param res of RES
 * @param ck of CK
 * @param ik of IK
 */
public record AkaSizes(int mac, int res, int ck, int ik) {

    /** Milenage's (TS 35.206). */
    public static final AkaSizes MILENAGE = new AkaSizes(8, 8, 16, 16);

    /** Whether vectors of EPS, 5G and EAP can carry them: MAC of 64 bits, CK and IK of 128, RES of 32 to 128. */
    boolean fitTs33102() {
        return mac == 8 && ck == 16 && ik == 16 && res <= 16;
    }
}
