package org.kiln.perf.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import one.convert.Arguments;
import one.convert.FlameGraph;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/** What a node's processors do for a request over HTTP/2, as a flame graph and in figures. A node of its own, for it is told to tell more. */
final class FlamePart {

    /** Frames of less are left out of a graph, in percent. */
    private static final String LEAST_WIDTH = "0.25";

    private final Figures figures;
    private final ScratchData data;
    private final Scale scale;
    private final Path graphs;

    /** @param graphs the folder for flame graphs */
    FlamePart(Figures figures, ScratchData data, Scale scale, Path graphs) {
        this.figures = figures;
        this.data = data;
        this.scale = scale;
        this.graphs = graphs;
    }

    void measure() {
        take("hot", 2 * Scale.HOT);
        take("cold", Scale.FEW);
    }

    private void take(String mode, int activeSubscribers) {
        H2Load h2load = new H2Load(data.scratch(), scale.seconds());
        try (NodeProcess node = Nodes.start(data, activeSubscribers, Profiler.OPTIONS)) {
            H2Load.Work work = H2Load.Work.eps(node.labPort(), Scale.HOT, Scale.VECTORS);
            new WarmUp(figures, scale.seconds()).of(node, () -> h2load.rate(work));
            List<String> stacks = new Profiler(data.scratch()).stacks(node, () -> h2load.rate(work));
            String file = "flames-" + mode + ".html";
            draw(stacks, "Nudm over HTTP/2, keys " + (mode.equals("hot") ? "in use" : "not in use"), file);
            tell(mode, Work.shares(stacks), file);
        }
    }

    private void draw(List<String> stacks, String title, String file) {
        FlameGraph graph = new FlameGraph(new Arguments("--title", title, "--minwidth", LEAST_WIDTH, "--norm"));
        try (PrintStream out =
                new PrintStream(Files.newOutputStream(graphs.resolve(file)), false, StandardCharsets.UTF_8)) {
            graph.parseCollapsed(new StringReader(String.join("\n", stacks) + "\n"));
            graph.dump(out);
        } catch (IOException e) {
            throw new BenchException("the flame graph cannot be written: " + e.getMessage(), e);
        }
    }

    private void tell(String mode, Map<Work, Double> shares, String file) {
        double micros = figures.sum(WirePart.split(mode));
        shares.forEach((work, share) -> figures.take(
                "flames." + mode + "." + work.name().toLowerCase(Locale.ROOT),
                "processor time of a request over HTTP/2, " + mode + ", by its code: " + work.what(),
                "µs",
                String.format("%.1f %% of async-profiler's samples (event=cpu), [%s](%s)", 100 * share, file, file),
                () -> share * micros));
    }
}
