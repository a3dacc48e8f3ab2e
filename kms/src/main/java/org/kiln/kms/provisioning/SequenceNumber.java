package org.kiln.kms.provisioning;

import java.util.HexFormat;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnState;

/**
 * {@code SequenceNumber} of TS 29.505, each member as text and empty where it is absent.
 *
 * @param sqnScheme {@code TIME_BASED} if absent
 * @param sqn 12 hexadecimal digits: the last SQN that was used; or, where {@code difSign} is given, the amount of DIF
 *     in tenths of seconds to the clock of 1970
 * @param indLength bits of IND, 0 to 28; 5 if absent
 * @param difSign {@code POSITIVE} or {@code NEGATIVE}, with {@code TIME_BASED} only
 */
public record SequenceNumber(String sqnScheme, String sqn, String indLength, String difSign) {

    static final String DIF_SIGN = "difSign";

    private static final String NEGATIVE = "NEGATIVE";
    private static final String POSITIVE = "POSITIVE";

    /** What may be told of a record: DIF of {@code TIME_BASED}, for the others the last SQN that may have been used. */
    static SequenceNumber of(SqnState state) {
        boolean isDif = state.scheme() == SqnScheme.TIME_BASED;
        long number = isDif
                ? Math.abs(state.durable())
                : Math.min(state.durable(), new Sqn(state.indLength()).greatestSeq()) << state.indLength();
        return new SequenceNumber(
                state.scheme().name(),
                HexFormat.of().toHexDigits(number, 2 * LoadRow.SQN_OCTETS),
                Integer.toString(state.indLength()),
                !isDif ? "" : state.durable() < 0 ? NEGATIVE : POSITIVE);
    }

    String column(String column) {
        return switch (column) {
            case LoadRow.SQN -> sqn;
            case LoadRow.SQN_SCHEME -> sqnScheme;
            case LoadRow.IND_LENGTH -> indLength;
            default -> "";
        };
    }

    /**
     * The state that a record gets.
     *
     * @param clock now, in tenths of seconds
     * @throws LoadFileException naming the member that is wrong
     */
    SqnState state(long clock) {
        SqnScheme scheme = LoadRow.sqnScheme(this::column, 0);
        Sqn format = new Sqn(LoadRow.indLength(this::column, 0));
        long number = LoadRow.number(this::column, 0, LoadRow.SQN, LoadRow.SQN_OCTETS);
        if (difSign.isEmpty()) {
            return SqnState.after(number, scheme, format, clock);
        }
        if (scheme != SqnScheme.TIME_BASED) {
            throw new LoadFileException(0, DIF_SIGN, "goes with TIME_BASED only");
        }
        if (!difSign.equals(POSITIVE) && !difSign.equals(NEGATIVE)) {
            throw new LoadFileException(0, DIF_SIGN, "use POSITIVE or NEGATIVE");
        }
        long dif = difSign.equals(NEGATIVE) ? -number : number;
        if (clock + dif < 0 || clock + dif > format.greatestSeq()) {
            throw new LoadFileException(
                    0, LoadRow.SQN, "is no DIF that keeps SEQ in its range: tenths of seconds to the clock of 1970");
        }
        return new SqnState(scheme, format.indLength(), dif);
    }
}
