package org.kiln.perf.cli;

import java.nio.file.Path;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.cli.Progress;
import org.kiln.perf.plan.CapacityModel;
import org.kiln.perf.simulation.Comparison;
import org.kiln.perf.simulation.Day;
import org.kiln.perf.simulation.Scenario;
import org.kiln.perf.simulation.Tally;
import org.kiln.perf.simulation.TallyPlot;
import org.kiln.perf.simulation.TallySummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln plan simulate}. */
@Command(
        name = "simulate",
        description = {
            "Plays a day of the network request by request and holds the formulae of 'kiln plan' against it.",
            "Ends with 1 if one does not agree within its tolerance."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  kiln plan simulate --subscribers 100M",
            "  kiln plan simulate --subscribers 5M --storm none --outage none --scheme NON_TIME_BASED"
        })
public final class SimulateCommand implements Callable<Integer> {

    private static final String NONE = "none";
    private static final int LANE_QUEUE = 1024;
    private static final double MINUTE = 60;

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Option(
            names = "--nodes",
            description = "nodes that serve (default: as many as the plan wants, spares not counted)")
    private @Nullable Integer nodes;

    @Option(
            names = "--storm",
            paramLabel = "HH:MM",
            defaultValue = "22:00",
            description = "when everybody registers anew, or 'none' (default: ${DEFAULT-VALUE})")
    private String storm = NONE;

    @Option(
            names = "--outage",
            paramLabel = "HH:MM/MINUTES",
            defaultValue = "10:00/20",
            description = "when a node is lost and for how long, or 'none' (default: ${DEFAULT-VALUE})")
    private String outage = NONE;

    @Option(names = "--seed", defaultValue = "1", description = "of all chance (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Option(names = "--svg", paramLabel = "FILE", description = "draw how busy the nodes were, minute by minute")
    private @Nullable Path svg;

    /** What {@code --json} prints. */
    record Printed(TallySummary day, List<Comparison> comparisons) {}

    @Override
    public Integer call() {
        CapacityModel model = options.model();
        int serving = nodes == null ? model.servingNodes() : nodes;
        Scenario scenario = new Scenario(
                model,
                serving,
                outages(serving),
                storm.equals(NONE) ? -1 : LocalTime.parse(storm).toSecondOfDay(),
                LANE_QUEUE * model.deployment().coresPerNode(),
                seed);
        Tally tally;
        try (Progress progress = new Progress("playing", "nodes", serving)) {
            tally = Day.play(scenario, progress::reach);
        }
        TallySummary summary = TallySummary.of(scenario, tally);
        List<Comparison> comparisons = Comparison.of(scenario, tally);
        if (json) {
            System.out.println(PlanFiles.pretty(new Printed(summary, comparisons)));
        } else {
            print(summary, comparisons);
        }
        if (svg != null) {
            PlanFiles.write(svg, TallyPlot.of(scenario, tally));
        }
        return comparisons.stream().allMatch(Comparison::agrees) ? 0 : 1;
    }

    private List<Scenario.Outage> outages(int serving) {
        if (outage.equals(NONE) || serving < 2) {
            return List.of();
        }
        String[] parts = outage.split("/", 2);
        List<Scenario.Outage> outages = new ArrayList<>();
        outages.add(
                new Scenario.Outage(0, LocalTime.parse(parts[0]).toSecondOfDay(), MINUTE * Integer.parseInt(parts[1])));
        return outages;
    }

    private static void print(TallySummary summary, List<Comparison> comparisons) {
        System.out.printf(
                Locale.ROOT,
                "%,d requests in a day at %d nodes; %,d refused with 503, %,d of them in the storm%n",
                summary.requests(),
                summary.nodes(),
                summary.refused(),
                summary.refusedInStorm());
        System.out.printf(
                Locale.ROOT,
                "keys in use already: %.1f %%; rows read %,d, written for sequence numbers %,d, for resynchronisations %,d%n",
                100 * summary.hitRate(),
                summary.rowsRead(),
                summary.sqnWrites(),
                summary.resyncWrites());
        System.out.printf(
                Locale.ROOT,
                "busiest minute %.1f %% busy%n%n%-24s %10s %10s %10s %10s%n",
                100 * summary.busiestMinute(),
                "waiting time, ms",
                "50 %",
                "99 %",
                "99.9 %",
                "longest");
        summary.waits().forEach(SimulateCommand::print);
        System.out.printf(Locale.ROOT, "%n%-42s %16s %16s %8s%n", "checked", "formula", "played", "within");
        for (Comparison one : comparisons) {
            System.out.printf(
                    Locale.ROOT,
                    "%-42s %16s %16s %8s %s%n",
                    one.name() + (one.unit().isEmpty() ? "" : ", " + one.unit()),
                    PlanText.number(one.formula()),
                    PlanText.number(one.played()),
                    one.absolute() ? PlanText.number(one.tolerance()) : "%.0f %%".formatted(100 * one.tolerance()),
                    one.agrees() ? "agrees" : "DOES NOT AGREE");
        }
    }

    private static void print(TallySummary.Waits waits) {
        System.out.printf(
                Locale.ROOT,
                "%-24s %10.3f %10.3f %10.3f %10.3f%n",
                waits.when(),
                waits.median(),
                waits.high(),
                waits.higher(),
                waits.longest());
    }
}
