package org.kiln.perf.bench;

import org.kiln.kms.server.AucNode;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/** The same node with so many subscribers more, each asked for in turn over a spread of them all. */
final class GrowthPart {

    private final Figures figures;
    private final ScratchData data;
    private final Scale scale;

    GrowthPart(Figures figures, ScratchData data, Scale scale) {
        this.figures = figures;
        this.data = data;
        this.scale = scale;
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
                    "start." + subscribers,
                    "start to ready with " + subscribers + " subscribers",
                    "s",
                    "kiln up, SQLite",
                    () -> ready);
            H2Load h2load = new H2Load(data.scratch(), scale.seconds());
            H2Load.Work all = H2Load.Work.eps(node.labPort(), subscribers, Scale.VECTORS);
            new WarmUp(figures, scale.seconds()).of(node, () -> h2load.rate(all));
            figures.take(
                    "growth.all",
                    "Nudm over HTTP/2, cold, among " + subscribers,
                    "requests/s",
                    H2Load.how(all),
                    () -> h2load.rate(all));
        }
    }
}
