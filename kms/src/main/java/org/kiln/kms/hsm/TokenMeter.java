package org.kiln.kms.hsm;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Shows what tokens do: whether they serve, what waits for them, what they were asked and how that ended. */
public final class TokenMeter {

    private TokenMeter() {}

    /** Shows the tokens of a cluster. */
    public static void show(TokenCluster cluster, MeterRegistry registry) {
        Gauge.builder("kiln_lane_queue", cluster, TokenCluster::load)
                .description("tasks that wait for a lane or run on one")
                .register(registry);
        Gauge.builder("kiln_lanes", cluster, TokenCluster::lanes)
                .description("lanes that take work")
                .register(registry);
        for (Token token : cluster.tokens()) {
            Gauge.builder("kiln_token_in_service", token, t -> t.state() == Token.State.IN_SERVICE ? 1 : 0)
                    .description("1 while the token serves")
                    .tag("token", token.label())
                    .register(registry);
            for (TokenCall call : TokenCall.values()) {
                for (TokenCalls.Outcome outcome : TokenCalls.Outcome.values()) {
                    FunctionCounter.builder("kiln_token_calls", token.calls(), calls -> calls.counted(call, outcome))
                            .description("calls of a token, by mechanism and by how they ended")
                            .tag("token", token.label())
                            .tag("mechanism", call.label())
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .register(registry);
                }
            }
        }
    }
}
