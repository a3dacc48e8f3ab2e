package org.kiln.perf.bench;

import org.kiln.kms.server.AucNode;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/** The same node with so many subscribers more, each asked for in turn over a spread of them all. */
final class GrowthPart {

    private final Figures figures;
    private final ScratchData data;
    private final Scale scale;
    private final String engine;

    /** @param engine that the data is in: SQLite or PostgreSQL */
    GrowthPart(Figures figures, ScratchData data, Scale scale, String engine) {
        this.figures = figures;
        this.data = data;
        this.scale = scale;
        this.engine = engine;
    }

    void measure() {
        int subscribers = scale.subscribers();
        try (AucNode node = data.open()) {
            ScratchData.load(node, Scale.HOT, subscribers);
        }
        long begun = System.nanoTime();
        try (NodeProcess node = Nodes.start(data, Scale.FEW)) {
            double ready = (System.nanoTime() - begun) / 1e9;
            figures.take(
                    "start." + engine,
                    "start to ready with " + subscribers + " subscribers, " + engine,
                    "s",
                    "kiln up",
                    () -> ready);
            H2Load h2load = new H2Load(data.scratch(), scale.seconds());
            H2Load.Work all = H2Load.Work.eps(node.labPort(), subscribers, Scale.VECTORS);
            new WarmUp(figures, scale.seconds()).of(node, () -> h2load.rate(all));
            figures.take(
                    "growth." + engine,
                    "Nudm over HTTP/2, cold, among " + subscribers + ", " + engine,
                    "requests/s",
                    H2Load.how(all),
                    () -> h2load.rate(all));
            figures.take(
                    "memory." + engine,
                    "memory of the node then",
                    "MB",
                    "VmRSS of its process",
                    () -> node.resident() / 1e6);
        }
    }
}
