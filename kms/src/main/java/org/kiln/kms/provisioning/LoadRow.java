package org.kiln.kms.provisioning;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.AuthenticationMethod;
import org.kiln.kms.subscriber.SubscriberStatus;
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
 * @param method how a 5G core authenticates him
 * @param status whether he is served
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
        int indLength,
        AuthenticationMethod method,
        SubscriberStatus status) {

    /** A value of 16, 24 or 32 octets wraps into so many more by either algorithm. */
    private static final int WRAP_OVERHEAD = 8;

    static final String SUPI = "supi";
    static final String ALGORITHM = "algorithm";
    static final String TRANSPORT_KEY = "transportKey";
    static final String WRAPPING = "wrapping";
    static final String EKI = "eki";
    static final String KCV = "kcv";
    static final String EOPC = "eopc";
    static final String EOP = "eop";
    static final String OP = "op";
    static final String ETOPC = "etopc";
    static final String ETOP = "etop";
    static final String AMF = "amf";
    static final String SQN = "sqn";
    static final String SQN_SCHEME = "sqnScheme";
    static final String IND_LENGTH = "indLength";

    static final String AUTH_METHOD = "authMethod";
    static final String STATUS = "status";

    /** Columns that a file may leave out. */
    static final List<String> OPTIONAL =
            List.of(KCV, SQN_SCHEME, IND_LENGTH, AUTH_METHOD, STATUS, EOPC, EOP, OP, ETOPC, ETOP);

    private static final int AMF_OCTETS = 2;
    static final int SQN_OCTETS = 6;

    /** How a load file's keys are wrapped. */
    enum Wrapping {
        /** RFC 3394. */
        AES_KW("aes-kw"),
        /** RFC 5649. */
        AES_KWP("aes-kwp");

        final String label;

        Wrapping(String label) {
            this.label = label;
        }

        private static Wrapping labelled(long line, String label) {
            for (Wrapping wrapping : values()) {
                if (wrapping.label.equals(label)) {
                    return wrapping;
                }
            }
            throw new LoadFileException(line, WRAPPING, "use aes-kw (RFC 3394) or aes-kwp (RFC 5649)");
        }
    }

    /**
     * Reads a row.
     *
     * @param row the text in each column; empty where there is none
     * @throws LoadFileException if a value breaks its column's rule
     */
    static LoadRow of(UnaryOperator<String> row, long line, AlgorithmCatalogue catalogue) {
        Supi supi = supi(line, row.apply(SUPI));
        Algorithm algorithm = algorithm(line, row.apply(ALGORITHM), catalogue);
        return new LoadRow(
                line,
                supi,
                algorithm,
                row.apply(TRANSPORT_KEY),
                Wrapping.labelled(line, row.apply(WRAPPING)),
                ki(row, line, algorithm),
                kcv(row, line),
                opc(row, line, algorithm),
                amf(row, line),
                number(row, line, SQN, SQN_OCTETS),
                sqnScheme(row, line),
                indLength(row, line),
                method(row, line),
                status(row, line));
    }

    private static SubscriberStatus status(UnaryOperator<String> row, long line) {
        String status = row.apply(STATUS);
        try {
            return status.isEmpty() ? SubscriberStatus.ACTIVE : SubscriberStatus.valueOf(status);
        } catch (IllegalArgumentException e) {
            throw new LoadFileException(line, STATUS, "use ACTIVE, PENDING or SUSPENDED, or leave it empty");
        }
    }

    static AuthenticationMethod method(UnaryOperator<String> row, long line) {
        String method = row.apply(AUTH_METHOD);
        if (method.isEmpty()) {
            return AuthenticationMethod.FIVE_G_AKA;
        }
        return AuthenticationMethod.labelled(method)
                .orElseThrow(() -> new LoadFileException(
                        line, AUTH_METHOD, "use 5G_AKA or EAP_AKA_PRIME; other methods take no key of Kiln's"));
    }

    static SqnScheme sqnScheme(UnaryOperator<String> row, long line) {
        String scheme = row.apply(SQN_SCHEME);
        try {
            return scheme.isEmpty() ? SqnScheme.TIME_BASED : SqnScheme.valueOf(scheme);
        } catch (IllegalArgumentException e) {
            throw new LoadFileException(line, SQN_SCHEME, "use TIME_BASED, NON_TIME_BASED or GENERAL");
        }
    }

    static int indLength(UnaryOperator<String> row, long line) {
        String bits = row.apply(IND_LENGTH);
        if (!bits.matches("([0-9]|1[0-9]|2[0-8])?")) {
            throw new LoadFileException(line, IND_LENGTH, "expected 0 to 28");
        }
        return bits.isEmpty() ? Sqn.USUAL.indLength() : Integer.parseInt(bits);
    }

    private static Algorithm algorithm(long line, String name, AlgorithmCatalogue catalogue) {
        try {
            return catalogue.named(name);
        } catch (AkaException e) {
            throw new LoadFileException(line, ALGORITHM, e);
        }
    }

    private static byte[] ki(UnaryOperator<String> row, long line, Algorithm algorithm) {
        int octets = row.apply(EKI).length() / 2 - WRAP_OVERHEAD;
        if (algorithm.keyOctets().contains(octets)) {
            return octets(row, line, EKI, octets + WRAP_OVERHEAD);
        }
        if (row.apply(EKI).length() % 2 == 0 && (octets == 16 || octets == 24 || octets == 32)) {
            throw new LoadFileException(
                    line,
                    EKI,
                    new AkaException.WrongKeyLength(
                            algorithm.label(), octets, algorithm.keyOctets().size() == 1 ? "16" : "16 or 32"));
        }
        return octets(row, line, EKI, algorithm.keyOctets().getFirst() + WRAP_OVERHEAD);
    }

    private static OperatorValue opc(UnaryOperator<String> row, long line, Algorithm algorithm) {
        return switch (algorithm) {
            case Algorithm.Milenage _ -> {
                refuse(row, line, algorithm, ETOPC, ETOP);
                OperatorValue value = new OperatorValue(
                        optional(row, line, EOPC, algorithm), optional(row, line, EOP, algorithm), row.apply(OP));
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

    private static void refuse(UnaryOperator<String> row, long line, Algorithm algorithm, String... columns) {
        for (String column : columns) {
            if (!row.apply(column).isEmpty()) {
                throw new LoadFileException(line, column, algorithm.label() + " has no such value; leave it empty");
            }
        }
    }

    private static byte[] optional(UnaryOperator<String> row, long line, String column, Algorithm algorithm) {
        return row.apply(column).isEmpty()
                ? new byte[0]
                : octets(row, line, column, algorithm.opcOctets() + WRAP_OVERHEAD);
    }

    static int amf(UnaryOperator<String> row, long line) {
        if (row.apply(AMF).length() != 2 * AMF_OCTETS && row.apply(AMF).matches("([0-9a-fA-F]{2})*")) {
            throw new LoadFileException(line, AMF, new AkaException.WrongAmfLength());
        }
        return (int) number(row, line, AMF, AMF_OCTETS);
    }

    private static String kcv(UnaryOperator<String> row, long line) {
        String kcv = row.apply(KCV).toUpperCase(Locale.ROOT);
        if (!kcv.matches("([0-9A-F]{6})?")) {
            throw new LoadFileException(line, KCV, "expected 6 hexadecimal digits or nothing");
        }
        return kcv;
    }

    private static Supi supi(long line, String text) {
        try {
            return new Supi(text);
        } catch (NumberingException e) {
            throw new LoadFileException(line, SUPI, String.valueOf(e.getMessage()));
        }
    }

    private static byte[] octets(UnaryOperator<String> row, long line, String column, int count) {
        String hex = row.apply(column);
        if (hex.length() != 2 * count || !hex.chars().allMatch(HexFormat::isHexDigit)) {
            throw new LoadFileException(line, column, "expected " + 2 * count + " hexadecimal digits");
        }
        return HexFormat.of().parseHex(hex);
    }

    static long number(UnaryOperator<String> row, long line, String column, int octets) {
        octets(row, line, column, octets);
        return HexFormat.fromHexDigitsToLong(row.apply(column));
    }

    @Override
    public String toString() {
        return "LoadRow[line " + line + ", " + supi + "]";
    }
}
