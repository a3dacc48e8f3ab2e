package org.kiln.kms.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.kiln.transfer.numbering.NumberingException;
import org.kiln.transfer.numbering.Supi;

/** A variable segment of a path. */
final class UriSegment {

    private UriSegment() {}

    /** @throws ProblemException (400) naming {@code param} if the segment is not percent-encoded well */
    static String decoded(String segment, String param) {
        try {
            return segment.indexOf('%') < 0 ? segment : URLDecoder.decode(segment, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.incorrect(param, "is not percent-encoded as RFC 3986 says"));
        }
    }

    /** @throws ProblemException (400) naming {@code param} if the segment is no SUPI with an IMSI */
    static Supi supi(String segment, String param) {
        try {
            return new Supi(decoded(segment, param));
        } catch (NumberingException e) {
            throw new ProblemException(Problem.incorrect(param, String.valueOf(e.getMessage())));
        }
    }
}
