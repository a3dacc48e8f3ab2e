package org.kiln.certify;

import java.util.List;

/**
 * How a case ended.
 *
 * @param detail what was wrong, or why it was skipped; empty for a pass
 * @param refusals the token's refusals in the order seen, such as {@code C_WrapKey 0x69}
 */
public record Outcome(String name, Verdict verdict, String detail, List<String> refusals) {

    /** The end of a case. */
    public enum Verdict {
        PASS,
        FAIL,
        SKIPPED
    }

    public Outcome {
        refusals = List.copyOf(refusals);
    }
}
