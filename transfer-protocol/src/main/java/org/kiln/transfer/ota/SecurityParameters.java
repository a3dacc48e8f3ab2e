package org.kiln.transfer.ota;

import java.util.Optional;

/**
 * The security parameter indicator, SPI (TS 102 225 clause 5.1.1): how a packet is protected, and what answer it wants.
 * Redundancy checks and digital signatures are not taken; they need no key, or one that no card of Kiln has.
 *
 * @param counterCheck what the card does with the counter
 * @param ciphered under KIc
 * @param checksum a cryptographic checksum under KID
 * @param response the second octet: whether a proof of receipt is wanted, and how that is protected
 */
public record SecurityParameters(CounterCheck counterCheck, boolean ciphered, boolean checksum, int response) {

    private static final int CHECKSUM = 0b10;
    private static final int TWO_BITS = 0b11;
    private static final int CIPHERED = 0b100;
    private static final int COUNTER_SHIFT = 3;
    private static final int RESERVED = 0b1110_0000;
    private static final int OCTET = 0xFF;

    /** What the card does with the counter; each holds more than the one before. */
    public enum CounterCheck {
        /** Nothing: there is none. */
        NONE(0b00),
        /** Nothing. */
        UNCHECKED(0b01),
        /** Takes the packet only if it is higher than the last one taken. */
        HIGHER(0b10),
        /** Takes the packet only if it is the last one taken, plus one. */
        NEXT(0b11);

        private final int bits;

        CounterCheck(int bits) {
            this.bits = bits;
        }

        private static CounterCheck of(int bits) {
            return switch (bits) {
                case 0b00 -> NONE;
                case 0b01 -> UNCHECKED;
                case 0b10 -> HIGHER;
                default -> NEXT;
            };
        }
    }

    public SecurityParameters {
        if (response < 0 || response > OCTET) {
            throw new IllegalArgumentException("the second octet of SPI is one octet");
        }
    }

    /** What keeps others, and packets sent again, out: ciphered, with a checksum, the counter must be higher; no answer. */
    public static SecurityParameters full() {
        return new SecurityParameters(CounterCheck.HIGHER, true, true, 0);
    }

    /** Reads the two octets; empty if they ask for what Kiln does not take. */
    static Optional<SecurityParameters> of(int first, int second) {
        int integrity = first & TWO_BITS;
        if ((first & RESERVED) != 0 || (integrity != 0 && integrity != CHECKSUM)) {
            return Optional.empty();
        }
        return Optional.of(new SecurityParameters(
                CounterCheck.of((first >> COUNTER_SHIFT) & TWO_BITS),
                (first & CIPHERED) != 0,
                integrity == CHECKSUM,
                second));
    }

    int firstOctet() {
        return (counterCheck.bits << COUNTER_SHIFT) | (ciphered ? CIPHERED : 0) | (checksum ? CHECKSUM : 0);
    }

    /** Whether this protects at least as {@code least} does; answers aside. */
    public boolean protectsAs(SecurityParameters least) {
        return counterCheck.compareTo(least.counterCheck) >= 0
                && (ciphered || !least.ciphered)
                && (checksum || !least.checksum);
    }
}
