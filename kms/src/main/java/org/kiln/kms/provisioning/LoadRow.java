package org.kiln.kms.provisioning;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVRecord;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.transfer.numbering.NumberingException;
import org.kiln.transfer.numbering.Supi;

/**
 * One row of a load file, its form checked and its keys still wrapped.
 *
 * @param line where it stands in the file
 * @param eki Ki under the transport key
 * @param kcv Ki's check value over a zero block, upper-case hexadecimal; empty if the file states none
 * @param eopc OPc under the transport key
 * @param amf 16 bits
 * @param sqn the last SQN that was used, 48 bits
 * @param sqnScheme how his sequence numbers are made from now on
 * @param indLength bits of IND
 */
record LoadRow(
        long line,
        Supi supi,
        Algorithm algorithm,
        String transportKey,
        Wrapping wrapping,
        byte[] eki,
        String kcv,
        byte[] eopc,
        int amf,
        long sqn,
        SqnScheme sqnScheme,
        int indLength) {

    /** A Milenage key of 16 octets wraps into 24 by either algorithm. */
    private static final int WRAPPED_OCTETS = 24;

    private static final String KCV = "kcv";
    private static final String SQN_SCHEME = "sqnScheme";
    private static final String IND_LENGTH = "indLength";

    /** Columns that a file may leave out. */
    static final List<String> OPTIONAL = List.of(KCV, SQN_SCHEME, IND_LENGTH);

    private static final int AMF_OCTETS = 2;
    private static final int SQN_OCTETS = 6;

    /** How a load file's keys are wrapped. */
    enum Wrapping {
        /** RFC 3394. */
        AES_KW("aes-kw"),
        /** RFC 5649. */
        AES_KWP("aes-kwp");

        private final String label;

        Wrapping(String label) {
            this.label = label;
        }

        private static Wrapping labelled(long line, String label) {
            for (Wrapping wrapping : values()) {
                if (wrapping.label.equals(label)) {
                    return wrapping;
                }
            }
            throw new LoadFileException(line, "wrapping", "use aes-kw (RFC 3394) or aes-kwp (RFC 5649)");
        }
    }

    /** @throws LoadFileException if a value breaks its column's rule */
    static LoadRow of(CSVRecord row, long line) {
        return new LoadRow(
                line,
                supi(line, row.get("supi")),
                Algorithm.labelled(row.get("algorithm"))
                        .orElseThrow(() -> new LoadFileException(line, "algorithm", "use milenage")),
                row.get("transportKey"),
                Wrapping.labelled(line, row.get("wrapping")),
                octets(row, line, "eki", WRAPPED_OCTETS),
                kcv(row, line),
                octets(row, line, "eopc", WRAPPED_OCTETS),
                (int) number(row, line, "amf", AMF_OCTETS),
                number(row, line, "sqn", SQN_OCTETS),
                sqnScheme(row, line),
                indLength(row, line));
    }

    private static SqnScheme sqnScheme(CSVRecord row, long line) {
        String scheme = optional(row, SQN_SCHEME);
        try {
            return scheme.isEmpty() ? SqnScheme.TIME_BASED : SqnScheme.valueOf(scheme);
        } catch (IllegalArgumentException e) {
            throw new LoadFileException(line, SQN_SCHEME, "use TIME_BASED, NON_TIME_BASED or GENERAL");
        }
    }

    private static int indLength(CSVRecord row, long line) {
        String bits = optional(row, IND_LENGTH);
        if (!bits.matches("([0-9]|1[0-9]|2[0-8])?")) {
            throw new LoadFileException(line, IND_LENGTH, "expected 0 to 28");
        }
        return bits.isEmpty() ? Sqn.USUAL.indLength() : Integer.parseInt(bits);
    }

    private static String optional(CSVRecord row, String column) {
        return row.isMapped(column) ? row.get(column) : "";
    }

    private static String kcv(CSVRecord row, long line) {
        String kcv = optional(row, KCV).toUpperCase(Locale.ROOT);
        if (!kcv.matches("([0-9A-F]{6})?")) {
            throw new LoadFileException(line, KCV, "expected 6 hexadecimal digits or nothing");
        }
        return kcv;
    }

    private static Supi supi(long line, String text) {
        try {
            return new Supi(text);
        } catch (NumberingException e) {
            throw new LoadFileException(line, "supi", String.valueOf(e.getMessage()));
        }
    }

    private static byte[] octets(CSVRecord row, long line, String column, int count) {
        String hex = row.get(column);
        if (hex.length() != 2 * count || !hex.chars().allMatch(HexFormat::isHexDigit)) {
            throw new LoadFileException(line, column, "expected " + 2 * count + " hexadecimal digits");
        }
        return HexFormat.of().parseHex(hex);
    }

    private static long number(CSVRecord row, long line, String column, int octets) {
        octets(row, line, column, octets);
        return HexFormat.fromHexDigitsToLong(row.get(column));
    }

    @Override
    public String toString() {
        return "LoadRow[line " + line + ", " + supi + "]";
    }
}
