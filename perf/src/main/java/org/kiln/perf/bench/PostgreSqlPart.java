package org.kiln.perf.bench;

import org.kiln.kms.server.AucNode;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/** The node on PostgreSQL: keys in use, not in use, and among many. Last, for the data stays there. */
final class PostgreSqlPart {

    private final Figures figures;
    private final ScratchData data;
    private final Scale scale;
    private final H2Load h2load;

    PostgreSqlPart(Figures figures, ScratchData data, Scale scale) {
        this.figures = figures;
        this.data = data;
        this.scale = scale;
        h2load = new H2Load(data.scratch(), scale.seconds());
    }

    /** A database that is empty, and is not emptied afterwards. */
    void measure(ScratchData.PostgreSql database) {
        data.move(database);
        try (AucNode node = data.open()) {
            ScratchData.load(node, Scale.HOT);
        }
        take("hot", 2 * Scale.HOT);
        take("cold", Scale.FEW);
        new GrowthPart(figures, data, scale, "PostgreSQL").measure();
    }

    private void take(String mode, int activeSubscribers) {
        try (NodeProcess node = Nodes.start(data, activeSubscribers)) {
            H2Load.Work work = H2Load.Work.eps(node.labPort(), Scale.HOT, Scale.VECTORS);
            new WarmUp(figures, scale.seconds()).of(node, () -> h2load.rate(work));
            figures.take(
                    "postgresql." + mode,
                    "Nudm over HTTP/2, " + mode + ", 5 vectors a request, PostgreSQL",
                    "requests/s",
                    H2Load.how(work),
                    () -> h2load.rate(work));
        }
    }
}
