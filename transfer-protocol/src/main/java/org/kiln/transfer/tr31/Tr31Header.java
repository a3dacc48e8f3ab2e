package org.kiln.transfer.tr31;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a key block says about its key (ANSI X9.143 clause 7.1).
 *
 * @param usage two letters or digits: {@code K0} a key that encrypts or wraps keys, {@code D0} data, {@code M6} CMAC, …
 * @param algorithm one letter or digit: {@code A} AES, {@code T} 3DES, {@code H} HMAC, …
 * @param mode one letter or digit: {@code B} both ways, {@code E} encrypt, {@code D} decrypt, {@code N} any, …
 * @param version two letters or digits: {@code 00} for none
 * @param exportability {@code E} under a trusted key, {@code N} not, {@code S} otherwise
 * @param blocks optional blocks, no id twice
 */
public record Tr31Header(
        String usage, String algorithm, String mode, String version, char exportability, List<OptionalBlock> blocks) {

    static final int LENGTH = 16;

    private static final int BLOCK = 16;
    private static final int MAX_BLOCKS = 98;
    private static final int BLOCK_OVERHEAD = 4;
    private static final int LONG_OVERHEAD = 10;
    private static final int MAX_SHORT = 0xFF;

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one breaks a rule above
     */
    public Tr31Header {
        require(usage, 2, "key usage");
        require(algorithm, 1, "algorithm");
        require(mode, 1, "mode of use");
        require(version, 2, "key version");
        if ("ENS".indexOf(exportability) < 0) {
            throw new IllegalArgumentException("exportability is not E, N or S");
        }
        blocks = List.copyOf(blocks);
        if (blocks.size() > MAX_BLOCKS
                || blocks.stream().map(OptionalBlock::id).distinct().count() < blocks.size()) {
            throw new IllegalArgumentException(
                    "optional blocks are more than " + MAX_BLOCKS + ", or one id stands twice");
        }
    }

    /** The header as text, with PB where it must be filled up to whole blocks of AES. */
    String render(int payloadOctets, int macOctets) {
        String optional = blocks.stream().map(Tr31Header::render).collect(Collectors.joining());
        int count = blocks.size();
        if (optional.length() % BLOCK != 0) {
            int filling = Math.floorMod(-(optional.length() + BLOCK_OVERHEAD), BLOCK);
            optional += OptionalBlock.PADDING + hex(filling + BLOCK_OVERHEAD, 2) + "0".repeat(filling);
            count++;
        }
        int total = LENGTH + optional.length() + 2 * (payloadOctets + macOctets);
        if (total > 9999) {
            throw new IllegalArgumentException("the key block would have " + total + " characters, more than 9999");
        }
        return "D" + decimal(total, 4) + usage + algorithm + mode + version + exportability + decimal(count, 2) + "00"
                + optional;
    }

    private static String render(OptionalBlock block) {
        int length = block.data().length();
        String prefix = length + BLOCK_OVERHEAD <= MAX_SHORT
                ? hex(length + BLOCK_OVERHEAD, 2)
                : "0002" + hex(length + LONG_OVERHEAD, 4);
        return block.id() + prefix + block.data();
    }

    private static void require(String text, int length, String what) {
        if (!text.matches("[A-Z0-9]{" + length + "}")) {
            throw new IllegalArgumentException(what + " is not " + length + " upper-case letters or digits");
        }
    }

    private static String hex(int value, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "X", value);
    }

    private static String decimal(int value, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "d", value);
    }
}
