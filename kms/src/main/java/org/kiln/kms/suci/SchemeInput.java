package org.kiln.kms.suci;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What a SUCI conceals (TS 33.501 Annex C.3.2): an MSIN as packed digits, or a user's name. */
final class SchemeInput {

    private static final int MOST_IMSI_DIGITS = 15;
    private static final int LONGEST_NAME = 253;
    private static final int FILLER = 0xf;

    private SchemeInput() {}

    /**
     * The SUPI of what was de-concealed.
     *
     * @throws SuciException.InvalidOutput if it is neither digits nor a name, as {@code suci} promises
     */
    static PermanentIdentifier supi(Suci suci, byte[] input) {
        return switch (suci.type()) {
            case IMSI -> imsi(suci, digits(input));
            case NAI -> nai(suci, utf8(input));
        };
    }

    /** The SUPI of a SUCI that conceals nothing. */
    static PermanentIdentifier supi(Suci suci) {
        return switch (suci.type()) {
            case IMSI -> imsi(suci, suci.output());
            case NAI -> nai(suci, suci.output());
        };
    }

    private static PermanentIdentifier imsi(Suci suci, String msin) {
        int room = MOST_IMSI_DIGITS - suci.homeNetwork().length();
        if (!msin.matches("[0-9]{1," + room + "}")) {
            throw new SuciException.InvalidOutput("no MSIN of at most " + room + " digits");
        }
        return new PermanentIdentifier("imsi-" + suci.homeNetwork() + msin);
    }

    private static PermanentIdentifier nai(Suci suci, String name) {
        boolean plain = name.chars().allMatch(c -> c > ' ' && c != '@' && !Character.isISOControl(c));
        if (name.isEmpty() || name.length() > LONGEST_NAME || !plain) {
            throw new SuciException.InvalidOutput("no user's name");
        }
        return new PermanentIdentifier("nai-" + name + "@" + suci.homeNetwork());
    }

    /** TS 24.501 clause 9.11.3.4: the first digit in the low nibble, F above an odd last one. */
    private static String digits(byte[] packed) {
        StringBuilder digits = new StringBuilder(2 * packed.length);
        for (int i = 0; i < packed.length; i++) {
            int low = packed[i] & 0xf;
            int high = (packed[i] >> 4) & 0xf;
            boolean filled = i == packed.length - 1 && high == FILLER;
            if (low > 9 || (high > 9 && !filled)) {
                throw new SuciException.InvalidOutput("something other than digits");
            }
            digits.append((char) ('0' + low));
            if (!filled) {
                digits.append((char) ('0' + high));
            }
        }
        return digits.toString();
    }

    private static String utf8(byte[] octets) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SuciException.InvalidOutput("no UTF-8");
        }
    }
}
