package org.kiln.transfer.tr31;

import java.util.ArrayList;
import java.util.List;

/** Reads the header of a key block, bounded by the block it stands in. */
final class HeaderReader {

    private static final int MAX_BLOCKS = 99;
    private static final int HEX = 16;

    private final String text;
    private int position;

    private HeaderReader(String text) {
        this.text = text;
    }

    /** @param length of the header with its optional blocks */
    record Read(Tr31Header header, int length) {}

    static Read read(String text) throws Tr31Exception {
        try {
            return new HeaderReader(text).header();
        } catch (IllegalArgumentException e) {
            throw new Tr31Exception.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private Read header() throws Tr31Exception {
        if (!text.chars().allMatch(c -> c >= 0x20 && c <= 0x7E)) {
            throw new Tr31Exception.Malformed("it holds something other than printable ASCII");
        }
        if (!take(1).equals("D")) {
            throw new Tr31Exception.Malformed("its version is not D, the one for AES");
        }
        if (number(4, 10) != text.length()) {
            throw new Tr31Exception.Malformed("it has not as many characters as it says");
        }
        String usage = take(2);
        String algorithm = take(1);
        String mode = take(1);
        String version = take(2);
        char exportability = take(1).charAt(0);
        int count = number(2, 10);
        if (count > MAX_BLOCKS || !take(2).equals("00")) {
            throw new Tr31Exception.Malformed("the reserved characters of its header are not 00");
        }
        List<OptionalBlock> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = take(2);
            String data = take(dataLength());
            if (id.equals(OptionalBlock.PADDING)) {
                if (i + 1 < count) {
                    throw new Tr31Exception.Malformed("its block PB is not the last of the optional blocks");
                }
            } else {
                blocks.add(new OptionalBlock(id, data));
            }
        }
        return new Read(new Tr31Header(usage, algorithm, mode, version, exportability, blocks), position);
    }

    private int dataLength() throws Tr31Exception {
        int length = number(2, HEX);
        int overhead = 4;
        if (length == 0) {
            int digits = 2 * number(2, HEX);
            if (digits < 2 || digits > 4) {
                throw new Tr31Exception.Malformed("an optional block's length has " + digits + " digits");
            }
            length = number(digits, HEX);
            overhead = 6 + digits;
        }
        if (length < overhead) {
            throw new Tr31Exception.Malformed("an optional block is shorter than its own beginning");
        }
        return length - overhead;
    }

    private int number(int digits, int radix) throws Tr31Exception {
        String number = take(digits);
        if (!number.matches(radix == HEX ? "[0-9A-F]+" : "[0-9]+")) {
            throw new Tr31Exception.Malformed(
                    "characters " + (position - digits + 1) + " to " + position + " are no number of base " + radix);
        }
        return Integer.parseInt(number, radix);
    }

    private String take(int length) throws Tr31Exception {
        if (length > text.length() - position) {
            throw new Tr31Exception.Malformed("it ends inside its header");
        }
        position += length;
        return text.substring(position - length, position);
    }
}
