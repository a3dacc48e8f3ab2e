package org.kiln.kms.aka;

import java.util.Arrays;

/**
 * An authentication vector on its way to a network. Its arrays are the caller's to {@linkplain #wipe wipe} once it has
 * been sent.
 */
public sealed interface AuthenticationVector {

    /** The challenge, 16 octets. */
    byte[] rand();

    /** SQN ⊕ AK ‖ AMF ‖ MAC-A, 16 octets. */
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

    /** EPS AV: XRES of 8 octets and KASME of 32. */
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

    /** Quintuplet: XRES of 8 octets, CK and IK of 16. */
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

    /** EAP-AKA′ AV: XRES of 8 octets, CK′ and IK′ of 16. */
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

    private static void zero(byte[]... secrets) {
        for (byte[] secret : secrets) {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
