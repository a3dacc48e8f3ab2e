package org.kiln.kms.hsm;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what a token was asked through its lanes, by call and outcome. Lanes do not hinder each other here, and nothing is
 * allocated for a call.
 */
final class TokenCalls {

    /** How a call ended. */
    enum Outcome {
        OK,
        /** The token answered that it will not do this. */
        REFUSED,
        /** The answer puts the session, the login or the token itself in doubt. */
        FAILED
    }

    private final Map<Outcome, Map<TokenCall, LongAdder>> counts = new EnumMap<>(Outcome.class);

    TokenCalls() {
        for (Outcome outcome : Outcome.values()) {
            Map<TokenCall, LongAdder> ofOutcome = new EnumMap<>(TokenCall.class);
            for (TokenCall call : TokenCall.values()) {
                ofOutcome.put(call, new LongAdder());
            }
            counts.put(outcome, ofOutcome);
        }
    }

    void count(TokenCall call, Outcome outcome) {
        at(call, outcome).increment();
    }

    long counted(TokenCall call, Outcome outcome) {
        return at(call, outcome).sum();
    }

    private LongAdder at(TokenCall call, Outcome outcome) {
        return Objects.requireNonNull(
                Objects.requireNonNull(counts.get(outcome)).get(call));
    }
}
