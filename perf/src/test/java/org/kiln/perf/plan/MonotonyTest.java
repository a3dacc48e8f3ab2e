package org.kiln.perf.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.perf.plan.Deployment.Routing;

/** Whatever the inputs: more of what costs never needs less, and more of what helps never needs more. */
class MonotonyTest {

    private static final int CASES = 40;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private Traffic traffic() {
        return Examples.traffic(
                0.7 * random.nextDouble(),
                new Traffic.Fleet(0.3 * random.nextDouble(), random.nextDouble(), 60 + random.nextInt(600), null));
    }

    private Costs costs() {
        double hot = 10 + random.nextInt(50);
        double cold = hot + random.nextInt(500);
        return Examples.costs(20 + random.nextInt(200), hot, cold, 1e5, 1e4 / (1 + random.nextDouble()));
    }

    private Deployment deployment(long subscribers, int cores, long entries) {
        return new Deployment(
                subscribers,
                cores,
                entries,
                1800,
                Routing.HASH,
                2,
                1,
                0.6,
                0.9,
                SqnScheme.NON_TIME_BASED,
                5,
                Examples.ON_THE_NODE);
    }

    @Test
    void moreSubscribersNeverNeedLess() {
        for (int i = 0; i < CASES; i++) {
            Traffic traffic = traffic();
            Costs costs = costs();
            long few = 1 + random.nextInt(20_000_000);
            long many = few + random.nextInt(20_000_000);
            CapacityModel less = new CapacityModel(traffic, costs, deployment(few, 4, 100_000));
            CapacityModel more = new CapacityModel(traffic, costs, deployment(many, 4, 100_000));
            assertThat(more.load().perDay())
                    .as("seed %d", seed)
                    .isGreaterThanOrEqualTo(less.load().perDay());
            assertThat(more.servingNodes()).as("seed %d", seed).isGreaterThanOrEqualTo(less.servingNodes());
            assertThat(more.nodes()).as("seed %d", seed).isGreaterThanOrEqualTo(less.nodes());
            assertThat(new StoreModel(more, 4).subscriberBytes())
                    .as("seed %d", seed)
                    .isGreaterThanOrEqualTo(new StoreModel(less, 4).subscriberBytes());
        }
    }

    @Test
    void moreMemoryAndMoreProcessorsNeverNeedMoreNodes() {
        for (int i = 0; i < CASES; i++) {
            Traffic traffic = traffic();
            Costs costs = costs();
            long subscribers = 1 + random.nextInt(20_000_000);
            int cores = 1 + random.nextInt(8);
            long entries = 1 + random.nextInt(100_000);
            int nodes = new CapacityModel(traffic, costs, deployment(subscribers, cores, entries)).servingNodes();
            int withMemory =
                    new CapacityModel(traffic, costs, deployment(subscribers, cores, 3 * entries)).servingNodes();
            int withCores =
                    new CapacityModel(traffic, costs, deployment(subscribers, 2 * cores, entries)).servingNodes();
            assertThat(withMemory).as("seed %d", seed).isLessThanOrEqualTo(nodes);
            assertThat(withCores).as("seed %d", seed).isLessThanOrEqualTo(nodes);
        }
    }

    @Test
    void hitRatesAreSharesAndGrowWithTheRoom() {
        for (int i = 0; i < CASES; i++) {
            double people = 1 + random.nextInt(1_000_000);
            double primaries = people * random.nextDouble() / 1000;
            double skew = 0.7 * random.nextDouble();
            double limit = 1 + random.nextInt(100_000);
            double before = 0;
            for (double entries = 1; entries < 2 * people; entries *= 4) {
                double hit = new CacheModel(people, primaries, 0.3, skew, 0, Double.POSITIVE_INFINITY, entries, limit)
                        .hitRate();
                assertThat(hit).as("seed %d", seed).isBetween(before - 1e-9, 1.0);
                before = hit;
            }
        }
    }

    @Test
    void aBusierBusyHourNeverNeedsLess() {
        for (int i = 0; i < CASES; i++) {
            Traffic traffic = traffic();
            Costs costs = costs();
            double factor = 0.045 + 0.2 * random.nextDouble();
            Deployment deployment = deployment(1 + random.nextInt(50_000_000), 2, 100_000);
            CapacityModel calm = new CapacityModel(traffic.withBusyHourFactor(factor), costs, deployment);
            CapacityModel busy = new CapacityModel(traffic.withBusyHourFactor(1.2 * factor), costs, deployment);
            assertThat(busy.load().peak())
                    .as("seed %d", seed)
                    .isGreaterThanOrEqualTo(calm.load().peak());
            assertThat(busy.servingNodes()).as("seed %d", seed).isGreaterThanOrEqualTo(calm.servingNodes());
        }
    }
}
