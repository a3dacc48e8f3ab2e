package org.kiln.perf.plan;

import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.perf.plan.Deployment.Routing;
import org.kiln.perf.plan.Traffic.Day;
import org.kiln.perf.plan.Traffic.Domain;
import org.kiln.perf.plan.Traffic.Fleet;
import org.kiln.perf.plan.Traffic.Procedure;
import org.kiln.perf.plan.Traffic.Storm;

/** Traffic, costs and deployments in round figures. */
public final class Examples {

    private Examples() {}

    /** One primary request a day of two vectors, half a follower; a tenth of a day in its busiest hour, the last. */
    public static Traffic traffic() {
        return traffic(0, new Fleet(0.1, 0.36, 100, null));
    }

    public static Traffic traffic(double skew, Fleet fleet) {
        return new Traffic(
                List.of(
                        new Domain("CS", 0.5, 2, false, 1, List.of(new Procedure("update", 8, 0.5, "round"))),
                        new Domain("IMS", 0.5, 1, true, 0, List.of(new Procedure("registration", 1, 1, "round")))),
                2,
                new Day(
                        0.1,
                        Stream.concat(Collections.nCopies(23, 1.0).stream(), Stream.of(2.0))
                                .toList()),
                skew,
                fleet,
                new Storm(0.6, 20, 2, null),
                0);
    }

    /** A request costs 100 µs of HTTP, and 50 µs hot or 350 µs cold, and no lock binds. */
    public static Costs costs() {
        return costs(100, 50, 350, 1e9, 1e9);
    }

    public static Costs costs(double http, double hot, double cold, double hotPerSecond, double coldPerSecond) {
        List<Double> even = DoubleStream.of(1, 1).boxed().toList();
        return new Costs(
                new Costs.Origin("none", "never", "none", "none", "none"),
                2,
                new Costs.Request(hot, hotPerSecond),
                new Costs.Request(cold, coldPerSecond),
                new Costs.Token(new Costs.Times(1, even), new Costs.Times(1, even)),
                new Costs.Http(http, http + hot, 1),
                new Costs.Wire(250, 350),
                new Costs.Store("none", 200, 150, 20, 1, 1000, 64, 6400, 4000, 200_000, 1),
                10_000,
                List.of());
    }

    public static final TokenKind ON_THE_NODE = new TokenKind("soft", null, "none");

    public static Deployment deployment(long subscribers) {
        return deployment(subscribers, SqnScheme.TIME_BASED, ON_THE_NODE, 1, 1);
    }

    public static Deployment deployment(long subscribers, SqnScheme scheme, TokenKind token, int sites, int spares) {
        return new Deployment(subscribers, 2, 1, 3600, Routing.HASH, sites, spares, 0.5, 0.9, scheme, 5, token);
    }
}
