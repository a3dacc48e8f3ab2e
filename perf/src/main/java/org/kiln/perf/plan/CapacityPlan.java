package org.kiln.perf.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kiln.kms.sqn.SqnSequence;

/** The plan as lines: every figure with its formula, and what to beware of. */
public final class CapacityPlan {

    private static final double GIGA = 1e9;
    private static final double MEGA = 1e6;
    private static final double BITS = 8;
    private static final int DOMAINS = 4;

    /** Of the heap, for a subscriber who is kept in mind for his counter alone: a million of them took 191 MB. */
    private static final double LEFT_BYTES = 190;

    private final CapacityModel model;
    private final Traffic traffic;
    private final Costs costs;
    private final Deployment deployment;
    private final List<Figure> figures = new ArrayList<>();

    private CapacityPlan(CapacityModel model) {
        this.model = model;
        traffic = model.traffic();
        costs = model.costs();
        deployment = model.deployment();
    }

    /** All lines, in the order in which they are worked out. */
    public static List<Figure> figures(CapacityModel model) {
        CapacityPlan plan = new CapacityPlan(model);
        plan.load();
        plan.nodes();
        plan.memoryAndNetwork();
        plan.store();
        return List.copyOf(plan.figures);
    }

    private void load() {
        Load load = model.load();
        int hour = traffic.busiestHour();
        String group = "Load";
        add(
                group,
                "requests of a person in a day",
                "a",
                traffic.requestsPerDay(),
                "1/day",
                "Σ domains share · Σ procedures perDay · authenticated / vectors",
                "");
        add(
                group,
                "requests in a day",
                "Λ",
                load.perDay(),
                "1/day",
                "(N(1−φ)·a + Nφ·24g)·(1+ρ)",
                text(
                        "(%,.0f·%.3f + %,.0f·24·%.3f)·%.4f",
                        load.people(),
                        traffic.requestsPerDay(),
                        load.devices(),
                        traffic.fleet().authenticationsPerHour(),
                        1 + traffic.resynchronisations()));
        add(
                group,
                "busiest hour, people",
                "λ_bh",
                load.ofPeople(hour),
                "1/s",
                "N(1−φ)·a·f·(1+ρ)/3600",
                text(
                        "%,.0f·%.3f·%.4f·%.4f/3600",
                        load.people(),
                        traffic.requestsPerDay(),
                        traffic.day().shares()[hour],
                        1 + traffic.resynchronisations()));
        add(
                group,
                "fleet awake",
                "λ_fl",
                load.ofFleetAwake(),
                "1/s",
                "Nφ·g·(1+ρ)/w",
                text(
                        "%,.0f·%.3f·%.4f/%.0f",
                        load.devices(),
                        traffic.fleet().authenticationsPerHour(),
                        1 + traffic.resynchronisations(),
                        traffic.fleet().windowSeconds()));
        add(group, "peak of an undisturbed day", "λ", load.peak(), "1/s", "λ_bh + λ_fl", "");
        add(
                group,
                "storm",
                "λ_st",
                load.storm(),
                "1/s",
                "N·σ·r/(60·t)",
                text(
                        "%,d·%.2f·%.1f/(60·%.0f)",
                        deployment.subscribers(),
                        traffic.storm().share(),
                        traffic.storm().requests(),
                        traffic.storm().minutes()));
        add(
                group,
                "vectors in a request",
                "v",
                traffic.vectorsPerRequest(),
                "",
                "Σ requests · vectors / Σ requests",
                "");
    }

    private void nodes() {
        int hour = traffic.busiestHour();
        int forBusyHour = model.nodesForBusyHour();
        NodeModel node = model.node(forBusyHour);
        String group = "Nodes and tokens";
        service(group, "hot", node.hotSeconds(), costs.hot());
        service(group, "cold", node.coldSeconds(), costs.cold());
        nodeLines(group, "busy hour", "h", "μ", node, node.peakHitRate());
        add(
                group,
                "nodes for the busy hour",
                "M_bh",
                forBusyHour,
                "",
                "least M with M·μ·U ≥ λ",
                text(
                        "%d·%,.0f·%.2f ≥ %,.0f",
                        forBusyHour,
                        node.capacity(node.peakHitRate()),
                        deployment.utilisation(),
                        model.load().peak()));
        int forStorm = model.nodesForStorm();
        NodeModel inStorm = model.node(forStorm);
        nodeLines(group, "storm", "h_st", "μ_st", inStorm, model.hitRateInStorm(inStorm));
        add(
                group,
                "nodes for the storm",
                "M_st",
                forStorm,
                "",
                "least M with M·μ_st·U_st ≥ λ_bh + λ_st",
                text(
                        "%d·%,.0f·%.2f ≥ %,.0f",
                        forStorm,
                        inStorm.capacity(model.hitRateInStorm(inStorm)),
                        deployment.stormUtilisation(),
                        model.load().ofPeople(hour) + model.load().storm()));
        add(
                group,
                "nodes to have",
                "M_all",
                model.nodes(),
                "",
                "sites·(⌈max(M_bh, M_st)/max(1, sites−1)⌉ + spares)",
                text(
                        "%d·(⌈%d/%d⌉ + %d)",
                        deployment.sites(),
                        model.servingNodes(),
                        Math.max(1, deployment.sites() - 1),
                        deployment.spares()));
        add(group, "vectors at the peak", "λ_v", model.peakVectors(), "1/s", "max(λ·v, λ_bh·v + λ_st)", "");
        add(
                group,
                "tokens to have, " + deployment.token().name(),
                "K",
                model.tokens(),
                "",
                deployment.token().onTheNode() ? "M_all" : "as M_all, of ⌈λ_v/(rate·U)⌉",
                deployment.token().source());
    }

    private void service(String group, String kind, double seconds, Costs.Request request) {
        boolean onTheNode = deployment.token().onTheNode();
        add(
                group,
                "a request, " + kind,
                "S_" + kind,
                MEGA * seconds,
                "µs",
                (onTheNode ? "max(c_http + c_%s, max(c, c_m)/R_%s)" : "c_http + c_%s").formatted(kind, kind),
                text(
                        onTheNode ? "max(%.1f + %.1f, %d/%,.0f per s)" : "%.1f + %.1f µs",
                        costs.http().cpuMicros(),
                        request.cpuMicros(),
                        Math.max(deployment.coresPerNode(), costs.cores()),
                        request.perSecond()));
    }

    private void nodeLines(String group, String when, String hit, String capacity, NodeModel node, double hitRate) {
        add(
                group,
                "keys in use already, " + when,
                hit,
                hitRate,
                "",
                when.equals("storm") ? "requests that follow another / all" : "Che's approximation, docs/scale.md",
                "");
        add(
                group,
                "requests that a node answers, " + when,
                capacity,
                node.capacity(hitRate),
                "1/s",
                "c/(h·S_hot + (1−h)·S_cold)",
                text(
                        "%d/(%.3f·%.1f µs + %.3f·%.1f µs)",
                        deployment.coresPerNode(),
                        hitRate,
                        MEGA * node.hotSeconds(),
                        1 - hitRate,
                        MEGA * node.coldSeconds()));
    }

    private void memoryAndNetwork() {
        String group = "Memory and network";
        add(
                group,
                "memory for keys in use, each node",
                "B_c",
                deployment.cacheEntries() * costs.openSubscriberBytes() / GIGA,
                "GB",
                "C·b_open",
                text("%,d·%,.0f B", deployment.cacheEntries(), costs.openSubscriberBytes()));
        if (new StoreModel(model, model.servingNodes()).hasMarks()) {
            int left = SqnSequence.Left.room(deployment.cacheEntries());
            add(
                    group,
                    "memory for what is left of counters, each node, at most",
                    "B_L",
                    left * LEFT_BYTES / GIGA,
                    "GB",
                    "L·190 B",
                    text("%,d·%,.0f B", left, LEFT_BYTES));
        }
        double peak = Math.max(
                model.load().peak(),
                model.load().ofPeople(traffic.busiestHour()) + model.load().storm());
        add(
                group,
                "network to the nodes",
                "B_in",
                peak * costs.wire().requestBytes() * BITS / MEGA,
                "Mbit/s",
                "max(λ, λ_bh + λ_st)·8·b_req",
                text("%,.0f·8·%.0f B", peak, costs.wire().requestBytes()));
        add(
                group,
                "network from the nodes",
                "B_out",
                peak * costs.wire().answerBytes() * BITS / MEGA,
                "Mbit/s",
                "max(λ, λ_bh + λ_st)·8·b_ans",
                text("%,.0f·8·%.0f B", peak, costs.wire().answerBytes()));
    }

    private void store() {
        String group = "Database";
        int nodes = model.servingNodes();
        StoreModel store = new StoreModel(model, nodes);
        int hour = traffic.busiestHour();
        double people = model.load().ofPeople(hour);
        double requests = model.load().peak();
        double hitRate = model.node(nodes).peakHitRate();
        double storm = people + model.load().storm();
        double stormHits = model.hitRateInStorm(model.node(nodes));
        add(
                group,
                "subscribers",
                "D",
                store.subscriberBytes() / GIGA,
                "GB",
                "N·b_row",
                text(
                        "%,d·%.0f B (%s)",
                        deployment.subscribers(),
                        costs.store().rowBytes(),
                        costs.store().engine()));
        add(
                group,
                "authentication events",
                "D_ev",
                store.eventBytes() / GIGA,
                "GB",
                "N(1−φ)·b_ev, where networks confirm",
                text("%,.0f·%.0f B", model.load().people(), costs.store().eventBytes()));
        add(
                group,
                "rows read, busy hour",
                "I_r",
                store.reads(requests, hitRate),
                "1/s",
                "λ·(1−h)",
                text("%,.0f·%.3f", requests, 1 - hitRate));
        add(
                group,
                "rows read, storm",
                "I_r,st",
                store.reads(storm, stormHits),
                "1/s",
                "(λ_bh + λ_st)·(1−h_st)",
                text("%,.0f·%.3f", storm, 1 - stormHits));
        double sqn = store.sqnWrites(hour, people, model.load().ofFleetAwake());
        add(group, "rows written for sequence numbers, busy hour", "W_sqn", sqn, "1/s", sqnFormula(), "");
        double sqnInStorm = store.sqnWritesInStorm(hour, storm, stormHits);
        add(
                group,
                "rows written for sequence numbers, storm",
                "W_sqn,st",
                sqnInStorm,
                "1/s",
                store.hasMarks()
                        ? "(λ_bh + λ_st)·(1−h_st); of counters whose numbers a node knows all, ·v/256"
                        : sqnFormula(),
                "");
        double resync = store.resyncWrites(people);
        add(group, "rows written for resynchronisations", "W_rs", resync, "1/s", "λ_bh·ρ/(1+ρ)", "");
        double events = store.eventWrites(people);
        add(
                group,
                "rows written for authentication events",
                "W_ev",
                events,
                "1/s",
                "λ_bh·ε",
                text("%,.0f·%.3f", people, traffic.confirmationsPerRequest()));
        double writes = Math.max(sqn, sqnInStorm) + resync + events;
        add(
                group,
                "pages and commits, none in memory or batched",
                "IOPS",
                Math.max(store.reads(requests, hitRate), store.reads(storm, stormHits)) + writes,
                "1/s",
                "max(I_r, I_r,st) + max(W_sqn, W_sqn,st) + W_rs + W_ev",
                "");
        add(
                group,
                "writers, row by row",
                "n_w",
                writes / store.singleWriteRate(),
                "",
                "(max(W_sqn, W_sqn,st) + W_rs + W_ev)·t_w",
                text("%,.0f·%.0f µs", writes, costs.store().writeMicros()));
        add(
                group,
                "writers, " + costs.store().batchRows() + " rows a transaction",
                "n_wb",
                writes / store.batchedWriteRate(),
                "",
                "likewise, ·t_b/" + costs.store().batchRows(),
                text(
                        "%,.0f·%.1f µs",
                        writes, costs.store().batchMicros() / costs.store().batchRows()));
        add(
                group,
                "log, row by row",
                "B_wal",
                writes * costs.store().walBytes() / MEGA,
                "MB/s",
                "W·b_wal",
                text("%,.0f·%,.0f B", writes, costs.store().walBytes()));
    }

    private String sqnFormula() {
        return switch (deployment.scheme()) {
            case TIME_BASED -> "M/20 s: the ceilings";
            case NON_TIME_BASED -> "λ·mean of (1−q)/(1−q^(256/v)), q as h with C + L entries and no T_L";
            case GENERAL -> "λ·(1−h′), h′ as h with C + L entries and 4096 s for T_L";
        };
    }

    /** What the figures mean for this network, a sentence each. */
    public static List<String> warnings(CapacityModel model) {
        List<String> warnings = new ArrayList<>();
        Deployment deployment = model.deployment();
        int inds = 1 << deployment.indBits();
        if (model.nodes() > inds) {
            warnings.add(text(
                    "IND of %d bits has %d values for %d nodes: lengthen IND, or have fewer and larger nodes",
                    deployment.indBits(), inds, model.nodes()));
        } else if (model.nodes() * DOMAINS > inds) {
            warnings.add(text(
                    "IND of %d bits leaves a node of %d fewer than %d values: its domains share them",
                    deployment.indBits(), model.nodes(), DOMAINS));
        }
        StoreModel store = new StoreModel(model, model.servingNodes());
        double events = store.eventWrites(model.load().ofPeople(model.traffic().busiestHour()));
        if (events > store.singleWriteRate()) {
            warnings.add(text(
                    "authentication events alone come at %,.0f/s, and one writer puts %,.0f/s on disk one by one: batch them,"
                            + " or let several writers do it (SQLite has one)",
                    events, store.singleWriteRate()));
        }
        if (store.hasMarks()) {
            warnings.add(
                    "a scheme with a mark writes a row whenever a subscriber comes whose numbers the node no longer knows, not"
                            + " once in a block: a cache that is small for its subscribers costs writes");
        }
        return warnings;
    }

    private void add(
            String group, String name, String symbol, double value, String unit, String formula, String computation) {
        figures.add(new Figure(group, name, symbol, value, unit, formula, computation));
    }

    @SuppressWarnings("AnnotateFormatMethod") // as in DayChart
    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
