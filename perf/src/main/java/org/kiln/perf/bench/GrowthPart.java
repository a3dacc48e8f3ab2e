package org.kiln.perf.bench;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.kiln.kms.server.AucNode;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/**
 * The node with so many subscribers more, asked for as often each, and as often as by Zipf's law; and beside it, in turn, one with a
 * small database.
 */
final class GrowthPart {

    /** On the way to the large database one of so many is measured as well. */
    private static final int STEP = 1_000_000;

    private final Figures figures;
    private final ScratchData data;
    private final Scale scale;
    private final String engine;
    private final H2Load h2load;

    /** @param engine that the data is in: SQLite or PostgreSQL */
    GrowthPart(Figures figures, ScratchData data, Scale scale, String engine) {
        this.figures = figures;
        this.data = data;
        this.scale = scale;
        this.engine = engine;
        h2load = new H2Load(data.scratch(), scale.seconds());
    }

    /** The name of a figure of a database of so many. */
    static String id(String what, String engine, int subscribers) {
        return what + "." + engine + "." + subscribers;
    }

    /** The name of the small database's rate, taken beside that of {@link #id}. */
    static String smallBeside(String id) {
        return "small.beside." + id;
    }

    void measure() {
        measure(Optional.empty());
    }

    /** With a copy of the data as they are now beside. */
    void measureBesideSmall() {
        try (ScratchData copy = data.copy();
                NodeProcess small = Nodes.start(copy, Scale.FEW)) {
            measure(Optional.of(small));
        }
    }

    private void measure(Optional<NodeProcess> small) {
        List<Integer> sizes = Stream.of(STEP, scale.subscribers())
                .filter(size -> size <= scale.subscribers())
                .distinct()
                .toList();
        int there = Scale.HOT;
        for (int size : sizes) {
            grow(there, size);
            inTurn(size, small);
            byZipf(size);
            there = size;
        }
    }

    private void grow(int there, int size) {
        try (AucNode node = data.open()) {
            ScratchData.load(node, there, size);
        }
    }

    /** Keys are brought into use for each request. */
    private void inTurn(int size, Optional<NodeProcess> small) {
        long begun = System.nanoTime();
        try (NodeProcess node = Nodes.start(data, Scale.FEW)) {
            double ready = (System.nanoTime() - begun) / 1e9;
            figures.take(
                    id("start", engine, size),
                    String.format("start to ready with %,d subscribers, %s", size, engine),
                    "s",
                    "kiln up",
                    () -> ready);
            SideBySide rates = new SideBySide();
            String id = id("growth", engine, size);
            small.ifPresent(other -> addSmall(rates, id, other));
            H2Load.Work all = H2Load.Work.eps(node.labPort(), size, Scale.VECTORS);
            new WarmUp(figures, scale.seconds()).of(node, () -> h2load.rate(all));
            rates.with(
                    id,
                    String.format("Nudm over HTTP/2, cold, among %,d as often each, %s", size, engine),
                    "requests/s",
                    H2Load.how(all),
                    () -> h2load.rate(all));
            rates.into(figures);
            figures.take(
                    id("memory", engine, size),
                    String.format("memory of the node with %,d, after that", size),
                    "MB",
                    "VmRSS of its process",
                    () -> node.resident() / 1e6);
        }
    }

    private void addSmall(SideBySide rates, String id, NodeProcess small) {
        H2Load.Work few = H2Load.Work.eps(small.labPort(), Scale.HOT, Scale.VECTORS);
        new WarmUp(figures, scale.seconds()).of(small, () -> h2load.rate(few));
        rates.with(
                smallBeside(id),
                String.format("the same with a database of %,d, in turn with %s", Scale.HOT, id),
                "requests/s",
                H2Load.how(few),
                () -> h2load.rate(few));
    }

    /** With memory for some keys, of which those who ask often find theirs in use. */
    private void byZipf(int size) {
        int keys = 2 * Scale.HOT;
        try (NodeProcess node = Nodes.start(data, keys)) {
            H2Load.Work work = H2Load.Work.epsByZipf(node.labPort(), size, Scale.VECTORS);
            new WarmUp(figures, scale.seconds()).of(node, () -> h2load.rate(work));
            figures.best(
                    id("zipf", engine, size),
                    String.format(
                            "Nudm over HTTP/2, among %,d by Zipf's law, memory for %,d keys, %s", size, keys, engine),
                    "requests/s",
                    H2Load.how(work),
                    () -> h2load.rate(work));
        }
    }
}
