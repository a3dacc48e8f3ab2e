package org.kiln.kms.keys;

import java.util.HexFormat;
import java.util.Locale;

/**
 * The two check values by which people compare AES keys, in upper-case hexadecimal.
 *
 * @param zeroBlock first 3 octets of the key's encryption of a zero block ({@code CKA_CHECK_VALUE})
 * @param cmac first 5 octets of CMAC over a zero block (ANSI X9.24-1)
 */
public record Kcv(String zeroBlock, String cmac) {

    static final int ZERO_BLOCK_OCTETS = 3;
    static final int CMAC_OCTETS = 5;

    static Kcv of(byte[] zeroBlock, byte[] cmac) {
        HexFormat hex = HexFormat.of().withUpperCase();
        return new Kcv(hex.formatHex(zeroBlock, 0, ZERO_BLOCK_OCTETS), hex.formatHex(cmac, 0, CMAC_OCTETS));
    }

    /** Whether {@code stated}, of at least 3 octets, agrees with either convention. */
    public boolean matches(String stated) {
        String upper = stated.strip().toUpperCase(Locale.ROOT);
        return upper.length() >= 2 * ZERO_BLOCK_OCTETS && (upper.equals(zeroBlock) || cmac.startsWith(upper));
    }

    @Override
    public String toString() {
        return zeroBlock + " (zero block), " + cmac + " (CMAC)";
    }
}
