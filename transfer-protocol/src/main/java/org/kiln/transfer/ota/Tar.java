package org.kiln.transfer.ota;

import java.util.HexFormat;

/**
 * A toolkit application reference: for whom on the card a packet is (TS 101 220), such as {@code B00001}.
 *
 * @param value three octets
 */
public record Tar(int value) {

    static final int OCTETS = 3;
    private static final int LARGEST = 0xFFFFFF;

    public Tar {
        if (value < 0 || value > LARGEST) {
            throw new IllegalArgumentException("a TAR has three octets");
        }
    }

    /** @throws IllegalArgumentException if {@code hex} is not 6 hexadecimal digits */
    public static Tar of(String hex) {
        if (hex.length() != 2 * OCTETS) {
            throw new IllegalArgumentException("a TAR has 6 hexadecimal digits");
        }
        return new Tar(HexFormat.fromHexDigits(hex));
    }

    /** 6 upper-case hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().withUpperCase().toHexDigits(value, 2 * OCTETS);
    }
}
