package org.kiln.kms.aka;

import java.util.Arrays;

/**
 * An authentication vector on its way to a network. Its arrays are the caller's to {@linkplain #wipe wipe} once it has
 * been sent.
 */
public sealed interface AuthenticationVector {

    /** The challenge, 16 octets. */
    byte[] rand();

    /** SQN ⊕ AK ‖ AMF ‖ MAC-A: 16 octets, or more where TUAK's MAC is longer than 64 bits; none in a triplet. */
    byte[] autn();

    /** Overwrites what is secret: the expected response and the keys. */
    void wipe();

    /** 5G HE AV: XRES* of 16 octets and KAUSF of 32. */
    record FiveGHe(byte[] rand, byte[] autn, byte[] xresStar, byte[] kausf) implements AuthenticationVector {
        @Override
        public void wipe() {
            zero(xresStar, kausf);
        }

        @Override
        public String toString() {
            return "FiveGHe";
        }
    }

    /** 5G SE AV and its XRES*, for a laboratory without AUSF and SEAF: XRES* and HXRES* of 16 octets, KSEAF of 32. */
    record FiveGSe(byte[] rand, byte[] autn, byte[] xresStar, byte[] hxresStar, byte[] kseaf)
            implements AuthenticationVector {
        @Override
        public void wipe() {
            zero(xresStar, hxresStar, kseaf);
        }

        @Override
        public String toString() {
            return "FiveGSe";
        }
    }

    /** EPS AV: XRES of 4 to 16 octets and KASME of 32. */
    record Eps(byte[] rand, byte[] autn, byte[] xres, byte[] kasme) implements AuthenticationVector {
        @Override
        public void wipe() {
            zero(xres, kasme);
        }

        @Override
        public String toString() {
            return "Eps";
        }
    }

    /** Quintuplet: XRES, CK and IK as long as the algorithm makes them; Milenage's XRES has 8 octets. */
    record Umts(byte[] rand, byte[] autn, byte[] xres, byte[] ck, byte[] ik) implements AuthenticationVector {
        @Override
        public void wipe() {
            zero(xres, ck, ik);
        }

        @Override
        public String toString() {
            return "Umts";
        }
    }

    /** EAP-AKA′ AV: XRES of 4 to 16 octets, CK′ and IK′ of 16. */
    record EapAkaPrime(byte[] rand, byte[] autn, byte[] xres, byte[] ckPrime, byte[] ikPrime)
            implements AuthenticationVector {
        @Override
        public void wipe() {
            zero(xres, ckPrime, ikPrime);
        }

        @Override
        public String toString() {
            return "EapAkaPrime";
        }
    }

    /** GSM triplet: SRES of 4 octets and Kc of 8. */
    record Gsm(byte[] rand, byte[] sres, byte[] kc) implements AuthenticationVector {
        private static final byte[] NONE = {};

        @Override
        public byte[] autn() {
            return NONE;
        }

        @Override
        public void wipe() {
            zero(sres, kc);
        }

        @Override
        public String toString() {
            return "Gsm";
        }
    }

    private static void zero(byte[]... secrets) {
        for (byte[] secret : secrets) {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
