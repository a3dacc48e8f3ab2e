package org.kiln.transfer.numbering;

import java.util.Arrays;

/** Digits as cards take them: two an octet, the first in the low nibble, filled with F. */
final class Nibbles {

    private static final int FILLER = 0xF;

    private Nibbles() {}

    static byte[] pack(String digits, int octets) {
        byte[] packed = new byte[octets];
        for (int i = 0; i < octets; i++) {
            packed[i] = (byte) (nibble(digits, 2 * i + 1) << 4 | nibble(digits, 2 * i));
        }
        return packed;
    }

    /** The nibbles without the fillers at their end; one that is no decimal digit becomes a letter, for a check to find. */
    static String unpack(byte[] packed) {
        char[] digits = new char[2 * packed.length];
        for (int i = 0; i < packed.length; i++) {
            digits[2 * i] = Character.forDigit(packed[i] & FILLER, 16);
            digits[2 * i + 1] = Character.forDigit(packed[i] >> 4 & FILLER, 16);
        }
        int end = digits.length;
        while (end > 0 && digits[end - 1] == 'f') {
            end--;
        }
        return new String(Arrays.copyOf(digits, end));
    }

    private static int nibble(String digits, int index) {
        return index < digits.length() ? digits.charAt(index) - '0' : FILLER;
    }
}
