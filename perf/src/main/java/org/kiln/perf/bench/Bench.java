package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.kiln.kms.server.AucNode;
import org.kiln.perf.scratch.ScratchData;
import org.kiln.token.TokenProfile;

/**
 * A run of {@code kiln bench}.
 *
 * @param where below which a scratch folder is made, on the disk to be measured
 * @param home with {@code perf/ceiling/token_ceiling.c} and {@code examples}
 * @param out the folder for flame graphs
 * @param database of PostgreSQL, empty, to be measured as well
 * @param story told what is done, a line each
 */
public record Bench(
        Path where,
        Path home,
        Path out,
        Scale scale,
        Set<Part> parts,
        Optional<ScratchData.PostgreSql> database,
        Consumer<String> story) {

    /** @param command as it was given, to be kept with the figures */
    public Report run(String command) throws IOException {
        String begun = Instant.now().toString();
        String before = Machine.load();
        Machine.Processors then = Machine.Processors.now();
        Figures figures = new Figures(parts, story);
        Files.createDirectories(out);
        Path examples = home.resolve("examples");
        try (ScratchData data = ScratchData.prepare(where, scale.lanes())) {
            try (AucNode node = data.open()) {
                ScratchData.load(node, Scale.HOT);
            }
            Optional<TokenCeiling> token = figures.means(Part.TOKEN, () -> ceiling(data));
            token.ifPresent(alone -> figures.part(Part.TOKEN, () -> new TokenPart(figures, alone, scale).measure()));
            Yardsticks withoutPeer = new Yardsticks(token, Optional.empty());
            figures.part(Part.PROCESS, () -> new InProcessPart(figures, withoutPeer, scale).measure());
            data.configure("  enabled: false", "  enabled: true");
            data.configure("  port: 4222", "  port: 0");
            overTheWire(figures, data, token);
            figures.part(Part.FLAMES, () -> new FlamePart(figures, data, scale, out).measure());
            figures.part(Part.SUCI, () -> new ConcealmentPart(figures, data, scale).measure());
            figures.part(Part.CARDS, () -> new ProductionPart(figures, withoutPeer, data, examples, scale).measure());
            figures.part(Part.LOAD, () -> new LoadPart(figures, data.scratch(), examples, scale).measure());
            figures.part(Part.GROWTH, () -> new GrowthPart(figures, data, scale, "SQLite").measureBesideSmall());
            database.ifPresent(each ->
                    figures.part(Part.POSTGRESQL, () -> new PostgreSqlPart(figures, data, scale).measure(each)));
        }
        return new Report(
                Machine.describe(),
                Machine.software(),
                begun,
                command,
                String.format(
                        "%s before, %s after; of the processors' time between, the host gave %.1f %% to others",
                        before, Machine.load(), 100 * Machine.Processors.now().stolenSince(then)),
                figures.all(),
                Target.of(figures, scale),
                figures.leftOut());
    }

    private TokenCeiling ceiling(ScratchData data) {
        return new TokenCeiling(
                home.resolve("perf/ceiling/token_ceiling.c"),
                data.scratch(),
                TokenProfile.named("softhsm2").findModule(),
                data.folder(),
                scale.seconds());
    }

    /** OsmoHLR runs beside the node and is idle but when it is asked in its turn. */
    private void overTheWire(Figures figures, ScratchData data, Optional<TokenCeiling> token) {
        Optional<OsmoHlr> hlr = figures.isWanted(Part.PEER)
                ? figures.means(Part.PEER, () -> OsmoHlr.start(data.scratch(), Scale.HOT))
                : Optional.empty();
        try {
            Optional<GsupLoad> peer = hlr.map(each -> new GsupLoad(each.gsupPort(), Scale.HOT, scale.seconds()));
            WirePart wire = new WirePart(figures, new Yardsticks(token, peer), data, scale);
            figures.part(Part.HOT, wire::hot);
            figures.part(Part.COLD, wire::cold);
            figures.part(Part.SESSION, wire::coldWithSessionKek);
        } finally {
            hlr.ifPresent(OsmoHlr::close);
        }
    }
}
