package org.kiln.perf.plan;

import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;

/**
 * A kind of token.
 *
 * @param name such as {@code softhsm2}
 * @param vectorsPerSecond what one appliance gives; absent for a token that computes on the node's own processors, whose
 *     costs are measured
 * @param source who says so, and when
 */
public record TokenKind(String name, @Nullable Double vectorsPerSecond, String source) {

    public TokenKind {
        Rules.name("name", name);
        Rules.require(vectorsPerSecond == null || vectorsPerSecond > 0, "vectorsPerSecond is above 0");
        Rules.present("source", source);
    }

    /** Whether it computes on the node's own processors. */
    public boolean onTheNode() {
        return vectorsPerSecond == null;
    }
}
