package org.kiln.kms.trace;

import java.util.Optional;

/**
 * Where a request stands in its caller's trace: the header {@code traceparent} (W3C Trace Context, clause 3.2).
 *
 * @param traceId 32 lower-case hexadecimal digits, not all of them zero
 * @param parentId the caller's span, 16 such digits
 * @param sampled whether the caller may have recorded it
 */
public record TraceParent(String traceId, String parentId, boolean sampled) {

    private static final int VERSION = 2;
    private static final int TRACE_ID = 32;
    private static final int PARENT_ID = 16;
    private static final int LENGTH = VERSION + 1 + TRACE_ID + 1 + PARENT_ID + 1 + 2;
    private static final int FIRST = VERSION + 1;
    private static final int SECOND = FIRST + TRACE_ID + 1;
    private static final int THIRD = SECOND + PARENT_ID + 1;

    /**
     * Reads a header. Versions to come may have more behind what version 00 has, after a dash; version ff there is none.
     *
     * @return empty if it is none: the request is then in no trace that is known here
     */
    public static Optional<TraceParent> parse(String header) {
        if (header.length() < LENGTH
                || !isHex(header, 0, VERSION)
                || !isHex(header, FIRST, TRACE_ID)
                || !isHex(header, SECOND, PARENT_ID)
                || !isHex(header, THIRD, 2)
                || header.charAt(FIRST - 1) != '-'
                || header.charAt(SECOND - 1) != '-'
                || header.charAt(THIRD - 1) != '-'
                || header.startsWith("ff")
                || !endsWell(header)
                || isZero(header, FIRST, TRACE_ID)
                || isZero(header, SECOND, PARENT_ID)) {
            return Optional.empty();
        }
        boolean sampled = (Character.digit(header.charAt(LENGTH - 1), 16) & 1) == 1;
        return Optional.of(new TraceParent(
                header.substring(FIRST, FIRST + TRACE_ID), header.substring(SECOND, SECOND + PARENT_ID), sampled));
    }

    private static boolean endsWell(String header) {
        return header.length() == LENGTH || (!header.startsWith("00") && header.charAt(LENGTH) == '-');
    }

    private static boolean isHex(String text, int from, int length) {
        for (int i = from; i < from + length; i++) {
            char digit = text.charAt(i);
            if (!(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(String text, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }
}
