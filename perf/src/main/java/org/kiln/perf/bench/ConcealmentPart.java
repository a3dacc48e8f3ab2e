package org.kiln.perf.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.demo.SuciMaker;

/** 5G vectors for phones that conceal who they are: SUCIs of profiles A and B, whoever's keys being in use. */
final class ConcealmentPart {

    private static final int SUCIS = 2_000;
    private static final List<String> PROFILES = List.of("A", "B");

    private final Figures figures;
    private final ScratchData data;
    private final Scale scale;

    ConcealmentPart(Figures figures, ScratchData data, Scale scale) {
        this.figures = figures;
        this.data = data;
        this.scale = scale;
    }

    void measure() {
        String exported = makeKeys();
        H2Load h2load = new H2Load(data.scratch(), scale.seconds());
        try (NodeProcess node = Nodes.start(data, 2 * Scale.HOT)) {
            for (int scheme = 1; scheme <= PROFILES.size(); scheme++) {
                SuciMaker phone = SuciMaker.of(exported, scheme);
                H2Load.Work work = H2Load.Work.fiveG(
                        node.labPort(),
                        IntStream.range(0, SUCIS)
                                .mapToObj(number -> phone.conceal(
                                        ScratchData.supi(number).imsi().digits()))
                                .toList());
                new WarmUp(figures, scale.seconds()).of(node, () -> h2load.rate(work));
                figures.take(
                        "suci." + scheme,
                        "5G vectors for SUCIs of profile " + PROFILES.get(scheme - 1),
                        "requests/s",
                        H2Load.how(work),
                        () -> h2load.rate(work));
            }
        }
    }

    private String makeKeys() {
        String folder = data.folder().root().toString();
        try {
            for (int i = 1; i <= PROFILES.size(); i++) {
                var _ = KilnProcess.succeed(
                        "suci-key",
                        "create",
                        "--data",
                        folder,
                        "--identifier",
                        Integer.toString(i),
                        "--scheme",
                        "PROFILE_" + PROFILES.get(i - 1));
            }
            return KilnProcess.succeed("suci-key", "export", "--data", folder);
        } catch (IOException e) {
            throw new BenchException("no home-network keys: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }
}
