package org.kiln.kms.provisioning;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVRecord;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.transfer.numbering.NumberingException;
import org.kiln.transfer.numbering.Supi;

/**
 * One row of a load file, its form checked and its keys still wrapped.
 *
 * @param line where it stands in the file
 * @param eki Ki under the transport key
 * @param kcv Ki's check value over a zero block, upper-case hexadecimal; empty if the file states none
 * @param opc what the row says about OPc or TOPc
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
        OperatorValue opc,
        int amf,
        long sqn,
        SqnScheme sqnScheme,
        int indLength) {

    /** A value of 16, 24 or 32 octets wraps into so many more by either algorithm. */
    private static final int WRAP_OVERHEAD = 8;

    static final String KCV = "kcv";
    static final String EOPC = "eopc";
    static final String EOP = "eop";
    static final String OP = "op";
    static final String ETOPC = "etopc";
    static final String ETOP = "etop";
    static final String SQN_SCHEME = "sqnScheme";
    static final String IND_LENGTH = "indLength";

    /** Columns that a file may leave out. */
    static final List<String> OPTIONAL = List.of(KCV, SQN_SCHEME, IND_LENGTH, EOPC, EOP, OP, ETOPC, ETOP);

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
    static LoadRow of(CSVRecord row, long line, AlgorithmCatalogue catalogue) {
        Supi supi = supi(line, row.get("supi"));
        Algorithm algorithm = algorithm(line, row.get("algorithm"), catalogue);
        return new LoadRow(
                line,
                supi,
                algorithm,
                row.get("transportKey"),
                Wrapping.labelled(line, row.get("wrapping")),
                ki(row, line, algorithm),
                kcv(row, line),
                opc(row, line, algorithm),
                amf(row, line),
                number(row, line, "sqn", SQN_OCTETS),
                sqnScheme(row, line),
                indLength(row, line));
    }

    private static SqnScheme sqnScheme(CSVRecord row, long line) {
        String scheme = text(row, SQN_SCHEME);
        try {
            return scheme.isEmpty() ? SqnScheme.TIME_BASED : SqnScheme.valueOf(scheme);
        } catch (IllegalArgumentException e) {
            throw new LoadFileException(line, SQN_SCHEME, "use TIME_BASED, NON_TIME_BASED or GENERAL");
        }
    }

    private static int indLength(CSVRecord row, long line) {
        String bits = text(row, IND_LENGTH);
        if (!bits.matches("([0-9]|1[0-9]|2[0-8])?")) {
            throw new LoadFileException(line, IND_LENGTH, "expected 0 to 28");
        }
        return bits.isEmpty() ? Sqn.USUAL.indLength() : Integer.parseInt(bits);
    }

    private static Algorithm algorithm(long line, String name, AlgorithmCatalogue catalogue) {
        try {
            return catalogue.named(name);
        } catch (AkaException e) {
            throw new LoadFileException(line, "algorithm", e);
        }
    }

    private static byte[] ki(CSVRecord row, long line, Algorithm algorithm) {
        int octets = row.get("eki").length() / 2 - WRAP_OVERHEAD;
        if (algorithm.keyOctets().contains(octets)) {
            return octets(row, line, "eki", octets + WRAP_OVERHEAD);
        }
        if (row.get("eki").length() % 2 == 0 && (octets == 16 || octets == 24 || octets == 32)) {
            throw new LoadFileException(
                    line,
                    "eki",
                    new AkaException.WrongKeyLength(
                            algorithm.label(), octets, algorithm.keyOctets().size() == 1 ? "16" : "16 or 32"));
        }
        return octets(row, line, "eki", algorithm.keyOctets().getFirst() + WRAP_OVERHEAD);
    }

    private static OperatorValue opc(CSVRecord row, long line, Algorithm algorithm) {
        return switch (algorithm) {
            case Algorithm.Milenage _ -> {
                refuse(row, line, algorithm, ETOPC, ETOP);
                OperatorValue value = new OperatorValue(
                        optional(row, line, EOPC, algorithm), optional(row, line, EOP, algorithm), text(row, OP));
                if (value.wrappedConstant().length > 0 && !value.operator().isEmpty()) {
                    throw new LoadFileException(line, OP, "give eop or the operator's name, not both");
                }
                yield required(line, EOPC, value);
            }
            case Algorithm.Tuak _ -> {
                refuse(row, line, algorithm, EOPC, EOP, OP);
                yield required(
                        line,
                        ETOPC,
                        new OperatorValue(
                                optional(row, line, ETOPC, algorithm), optional(row, line, ETOP, algorithm), ""));
            }
            case Algorithm.Comp128 _, Algorithm.Xor _ -> {
                refuse(row, line, algorithm, EOPC, EOP, OP, ETOPC, ETOP);
                yield OperatorValue.NONE;
            }
        };
    }

    private static OperatorValue required(long line, String column, OperatorValue value) {
        if (!value.isGiven() && !value.hasConstant()) {
            throw new LoadFileException(
                    line,
                    column,
                    column.equals(ETOPC) ? "give etopc or etop" : "give eopc, or eop, or op, the operator's name");
        }
        return value;
    }

    private static void refuse(CSVRecord row, long line, Algorithm algorithm, String... columns) {
        for (String column : columns) {
            if (!text(row, column).isEmpty()) {
                throw new LoadFileException(line, column, algorithm.label() + " has no such value; leave it empty");
            }
        }
    }

    private static String text(CSVRecord row, String column) {
        return row.isMapped(column) ? row.get(column) : "";
    }

    private static byte[] optional(CSVRecord row, long line, String column, Algorithm algorithm) {
        return text(row, column).isEmpty()
                ? new byte[0]
                : octets(row, line, column, algorithm.opcOctets() + WRAP_OVERHEAD);
    }

    private static int amf(CSVRecord row, long line) {
        if (row.get("amf").length() != 2 * AMF_OCTETS && row.get("amf").matches("([0-9a-fA-F]{2})*")) {
            throw new LoadFileException(line, "amf", new AkaException.WrongAmfLength());
        }
        return (int) number(row, line, "amf", AMF_OCTETS);
    }

    private static String kcv(CSVRecord row, long line) {
        String kcv = text(row, KCV).toUpperCase(Locale.ROOT);
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
