package org.kiln.perf.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.cli.PlainErrors;
import org.kiln.perf.plan.CapacityModel;
import org.kiln.perf.plan.CapacityPlan;
import org.kiln.perf.plan.DayPlot;
import org.kiln.perf.plan.Figure;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln plan}. */
@Command(
        name = "plan",
        description = {
            "Works out what a network of subscribers needs: nodes, tokens, memory, disk, network.",
            "",
            "It counts with what 'kiln plan measure' measured and with the traffic that a file states; docs/scale.md has",
            "the formulae, and 'kiln plan simulate' plays a day to check them."
        },
        mixinStandardHelpOptions = true,
        subcommands = {MeasureCommand.class, SimulateCommand.class, CommandLine.HelpCommand.class},
        footer = {
            "",
            "Examples:",
            "  kiln plan --subscribers 100M --busy-hour-factor 0.08 --explain",
            "  kiln plan --subscribers 5M --sites 1 --cores 16 --scheme NON_TIME_BASED --json",
            "  kiln plan --token luna7 --svg day.svg"
        })
public final class PlanCommand implements Callable<Integer> {

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Option(names = "--explain", description = "show each figure's formula, and the formula with the figures put in")
    private boolean explained;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Option(names = "--svg", paramLabel = "FILE", description = "draw the day's load against what the nodes can answer")
    private @Nullable Path svg;

    /** What {@code --json} prints. */
    record Printed(CapacityModel inputs, List<Figure> figures, List<String> warnings) {}

    @Override
    public Integer call() {
        CapacityModel model = options.model();
        List<Figure> figures = CapacityPlan.figures(model);
        List<String> warnings = CapacityPlan.warnings(model);
        if (json) {
            System.out.println(PlanFiles.pretty(new Printed(model, figures, warnings)));
        } else {
            System.out.print(PlanText.table(figures, explained));
            warnings.forEach(warning -> System.out.println("\nNote: " + warning + "."));
            System.out.println("\nCosts: " + model.costs().measured().machine() + ", "
                    + model.costs().measured().date() + " ("
                    + model.costs().measured().command() + ")");
        }
        if (svg != null) {
            PlanFiles.write(
                    svg,
                    DayPlot.of(
                            model, PlanText.number((double) model.deployment().subscribers()) + " subscribers"));
        }
        return 0;
    }

    static CommandLine commandLine() {
        return new CommandLine(new PlanCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new PlainErrors());
    }

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }
}
