package org.kiln.perf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.perf.plan.Deployment.Routing;

/** Nodes, tokens and the database, against figures worked out by hand. */
class CapacityModelTest {

    private static final double EXACT = 1e-9;
    private static final long SUBSCRIBERS = 10_000_000;

    private static CapacityModel model(Costs costs, Deployment deployment) {
        return new CapacityModel(Examples.traffic(), costs, deployment);
    }

    @Test
    void aRequestKeepsAProcessorForAllOfItsParts() {
        NodeModel node =
                model(Examples.costs(), Examples.deployment(SUBSCRIBERS)).node(1);
        assertThat(node.hotSeconds()).isEqualTo(150e-6, within(EXACT));
        assertThat(node.coldSeconds()).isEqualTo(450e-6, within(EXACT));
        assertThat(node.serviceSeconds(0.5)).isEqualTo(300e-6, within(EXACT));
        assertThat(node.capacity(0.5)).isEqualTo(2 / 300e-6, within(1e-6));
        // E[S²] = (150² + 450²)/2 = 112,500; 112,500/300² - 1 = 0.25.
        assertThat(node.variation(0.5)).isEqualTo(0.25, within(EXACT));
    }

    @Test
    void theLockOfATokenOnTheNodeBindsHoweverManyProcessorsThereAre() {
        Costs locked = Examples.costs(100, 50, 350, 8000, 2000);
        NodeModel node = model(locked, Examples.deployment(SUBSCRIBERS)).node(1);
        assertThat(node.capacity(1)).isEqualTo(8000, within(1e-6));
        assertThat(node.capacity(0)).isEqualTo(2000, within(1e-6));
        Deployment appliance =
                Examples.deployment(SUBSCRIBERS, SqnScheme.TIME_BASED, new TokenKind("box", 1000.0, "none"), 1, 0);
        assertThat(model(locked, appliance).node(1).capacity(0)).isEqualTo(2 / 450e-6, within(1e-6));
    }

    @Test
    void theBusyHourNeedsItsLoadOverWhatANodeMayDo() {
        CapacityModel model = model(Examples.costs(), Examples.deployment(SUBSCRIBERS));
        // λ = 375 + 3,600 = 3,975; followers of people hit: h = 125/3,975.
        double hit = 125 / 3975.0;
        double capacity = 2 / (hit * 150e-6 + (1 - hit) * 450e-6);
        assertThat(model.node(2).peakHitRate()).isEqualTo(hit, within(1e-5));
        assertThat(model.nodesForBusyHour())
                .isEqualTo((int) Math.ceil(3975 / 0.5 / capacity))
                .isEqualTo(2);
    }

    @Test
    void theStormNeedsItsLoadOnTopOfTheBusyHour() {
        CapacityModel model = model(Examples.costs(), Examples.deployment(SUBSCRIBERS));
        // λ_bh + λ_st = 375 + 10,000; of a registration's two requests the second hits, of people's one in three.
        double hit = (125 + 5000) / 10_375.0;
        assertThat(model.hitRateInStorm(model.node(1))).isEqualTo(hit, within(EXACT));
        double capacity = 2 / (hit * 150e-6 + (1 - hit) * 450e-6);
        assertThat(model.nodesForStorm())
                .isEqualTo((int) Math.ceil(10_375 / 0.9 / capacity))
                .isEqualTo(2);
        assertThat(model.peakVectors()).isEqualTo(375 * 2.5 / 1.5 + 10_000, within(1e-6));
    }

    @Test
    void anySiteMayBeLost() {
        Costs slow = Examples.costs(1000, 500, 500, 1e9, 1e9);
        CapacityModel one =
                model(slow, Examples.deployment(SUBSCRIBERS, SqnScheme.TIME_BASED, Examples.ON_THE_NODE, 1, 1));
        // 10,375/0.9/(2/1.5 ms) = 8.65.
        assertThat(one.servingNodes()).isEqualTo(9);
        assertThat(one.nodes()).isEqualTo(10);
        CapacityModel three =
                model(slow, Examples.deployment(SUBSCRIBERS, SqnScheme.TIME_BASED, Examples.ON_THE_NODE, 3, 1));
        assertThat(three.nodesPerSite()).isEqualTo(6);
        assertThat(three.nodes()).isEqualTo(18);
        assertThat(three.tokens()).isEqualTo(18);
    }

    @Test
    void appliancesAreCountedByTheirVectors() {
        Deployment deployment =
                Examples.deployment(SUBSCRIBERS, SqnScheme.TIME_BASED, new TokenKind("box", 1000.0, "none"), 2, 1);
        CapacityModel model = model(Examples.costs(), deployment);
        // 10,625 vectors/s over 500 each.
        assertThat(model.servingTokens()).isEqualTo(22);
        assertThat(model.tokens()).isEqualTo(2 * (22 + 1));
    }

    @Test
    void theDatabaseHoldsARowForEachAndWritesAsTheSchemeDoes() {
        StoreModel time = store(SqnScheme.TIME_BASED);
        assertThat(time.subscriberBytes()).isEqualTo(2e9, within(EXACT));
        assertThat(time.eventBytes()).isEqualTo(9_000_000 * 150.0, within(1e-3));
        assertThat(time.reads(1000, 0.75)).isEqualTo(250, within(EXACT));
        assertThat(time.sqnWrites(23, 900, 100)).isEqualTo(0.2, within(EXACT)); // 4 nodes, every 20 s
        assertThat(time.sqnWritesInStorm(23, 1000, 0.5)).isEqualTo(0.2, within(EXACT));
        assertThat(time.eventWrites(300)).isEqualTo(400, within(EXACT));
        assertThat(time.singleWriteRate()).isEqualTo(1000, within(EXACT));
        assertThat(time.batchedWriteRate()).isEqualTo(10_000, within(EXACT));
    }

    /** A node that keeps the keys of one knows the numbers of eleven: of 2,250,000, so to say of nobody. */
    @Test
    void aNodeThatKnowsNobodysNumbersWritesForEachThatFollowsNoOther() {
        for (SqnScheme scheme : new SqnScheme[] {SqnScheme.NON_TIME_BASED, SqnScheme.GENERAL}) {
            assertThat(store(scheme).sqnWrites(23, 900, 100)).isEqualTo(600 + 100, within(0.1));
            assertThat(store(scheme).sqnWritesInStorm(23, 1000, 0.5)).isEqualTo(500, within(EXACT));
        }
    }

    /** Keys of 1,500,000, and what was left of 1,000,000 more: of all 2,500,000 that are a node's. */
    @Test
    void aNodeThatKnowsEverybodysNumbersWritesOnceInABlock() {
        StoreModel store = store(SqnScheme.NON_TIME_BASED, 1_500_000, Routing.HASH);
        double perBlock = 256 / (2.5 / 1.5);
        assertThat(store.sqnWrites(23, 900, 100)).isEqualTo(1000 / perBlock, within(1e-4));
        assertThat(store.sqnWritesInStorm(23, 1000, 0.5)).isEqualTo(1000 / perBlock, within(1e-4));
        assertThat(store(SqnScheme.NON_TIME_BASED, 1_400_000, Routing.HASH).sqnWrites(23, 900, 100))
                .isGreaterThan(2000 / perBlock);
    }

    /** Of four nodes, three in four times another has written since. */
    @Test
    void nodesThatTakeNumbersFromEachOtherWriteForMostRequests() {
        double perBlock = 256 / (2.5 / 1.5);
        assertThat(store(SqnScheme.NON_TIME_BASED, 10_000_000, Routing.RANDOM).sqnWrites(23, 900, 100))
                .isEqualTo(1000 * (1 - 0.25 * (1 - 1 / perBlock)), within(1e-4));
    }

    private static StoreModel store(SqnScheme scheme) {
        return store(scheme, 1, Routing.HASH);
    }

    /** Ten times as many as keys are kept in use, a million at most; where no counter is kept, nothing. */
    @Test
    void whatIsLeftOfCountersTakesMemory() {
        assertThat(leftGigabytes(SqnScheme.NON_TIME_BASED, 10_000)).containsExactly(100_000 * 190 / 1e9);
        assertThat(leftGigabytes(SqnScheme.GENERAL, 1_000_000)).containsExactly(1_000_000 * 190 / 1e9);
        assertThat(leftGigabytes(SqnScheme.TIME_BASED, 10_000)).isEmpty();
    }

    private static List<Double> leftGigabytes(SqnScheme scheme, long entries) {
        return CapacityPlan.figures(store(scheme, entries, Routing.HASH).model()).stream()
                .filter(figure -> figure.symbol().equals("B_L"))
                .map(Figure::value)
                .toList();
    }

    private static StoreModel store(SqnScheme scheme, long entries, Routing routing) {
        Deployment deployment =
                new Deployment(SUBSCRIBERS, 2, entries, 3600, routing, 1, 0, 0.5, 0.9, scheme, 5, Examples.ON_THE_NODE);
        return new StoreModel(model(Examples.costs(), deployment), 4);
    }

    @Test
    void aPlanNobodyCouldBuildIsRefused() {
        CapacityModel model = model(Examples.costs(1e9, 1, 1, 1e9, 1e9), Examples.deployment(SUBSCRIBERS));
        assertThatThrownBy(model::nodesForBusyHour)
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("check the traffic");
    }

    @Test
    void tooManyNodesForTheirIndAreWarnedOf() {
        CapacityModel model = model(Examples.costs(10_000, 1, 1, 1e9, 1e9), Examples.deployment(SUBSCRIBERS));
        assertThat(model.nodes()).isGreaterThan(32);
        assertThat(CapacityPlan.warnings(model)).anyMatch(warning -> warning.contains("lengthen IND"));
    }
}
