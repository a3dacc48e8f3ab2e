package org.kiln.perf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.perf.bench.Bench;
import org.kiln.perf.bench.Part;
import org.kiln.perf.bench.Report;
import org.kiln.perf.bench.ReportFiles;
import org.kiln.perf.bench.Scale;
import org.kiln.perf.scratch.ScratchData;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln bench}. */
@Command(
        name = "bench",
        description = {
            "Measures in one run, on this machine: what the token gives a C program, what Kiln makes of it in process and over",
            "the wire, and what OsmoHLR answers beside it; and writes a report. It makes a SoftHSM token and databases of its",
            "own in a scratch folder and deletes them. Flame graphs of a node stand beside the report. Let the machine do",
            "nothing else meanwhile.",
            "",
            "Only ratios of one run mean anything: this machine is not yours. What lacks its means (gcc, h2load, osmo-hlr) is",
            "left out, and the report says so. The exit code is 0 whatever was reached."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  kiln bench                          writes perf/report",
            "  kiln bench --seconds 10 --subscribers 10000000 --folder /srv",
            "  kiln bench --only cards --out somewhere       with the token alone beside it",
            "  kiln bench --only hot,peer --out somewhere    with OsmoHLR beside it",
            "  kiln bench --store-url jdbc:postgresql://127.0.0.1/bench --store-user kiln --store-password bench.password"
        })
public final class BenchCommand implements Callable<Integer> {

    private static final int THREADS = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--seconds", defaultValue = "5", description = "for each measurement (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--subscribers",
            defaultValue = "1000000",
            description = "in the large database (default: ${DEFAULT-VALUE})")
    private int subscribers;

    @Option(
            names = "--lanes",
            paramLabel = "N",
            description =
                    "of a node (hsm.lanes); one for each two processors unless told, for SoftHSM's own locks make two"
                            + " cost more than they bring where clients want the processors too")
    private int lanes = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    @Option(
            names = "--cards",
            paramLabel = "N",
            defaultValue = "20000",
            description = "of the batch that is made (default: ${DEFAULT-VALUE})")
    private int cards;

    @Option(
            names = "--store-url",
            paramLabel = "URL",
            description =
                    "an empty PostgreSQL database (jdbc:postgresql://…) to be measured as well; its password is read from"
                            + " KILN_STORE_PASSWORD")
    private @Nullable String storeUrl;

    @Option(names = "--store-user", defaultValue = "kiln", description = "its user (default: ${DEFAULT-VALUE})")
    private String storeUser = "";

    @Option(
            names = "--store-password",
            paramLabel = "FILE",
            description = "with that user's password, if the server asks for it")
    private @Nullable Path storePassword;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            defaultValue = "${java.io.tmpdir}",
            description = "where the scratch folder is made: on the disk to be measured (default: ${DEFAULT-VALUE})")
    private Path folder = Path.of(".");

    @Option(
            names = "--only",
            paramLabel = "PART",
            split = ",",
            description =
                    "parts to be measured, of ${COMPLETION-CANDIDATES}: for work on one of them; what is a ratio to another part's"
                            + " is not measured then (default: all)")
    private Set<Part> only = EnumSet.allOf(Part.class);

    @Option(names = "--out", paramLabel = "DIR", description = "where the report goes (default: perf/report)")
    private Path out = home().resolve("perf/report");

    private static Path home() {
        return Path.of(System.getProperty("kiln.home", "."));
    }

    @Override
    public Integer call() throws IOException {
        String command = "kiln bench "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
        Report report = new Bench(
                        folder,
                        home(),
                        out,
                        new Scale(seconds, subscribers, THREADS, lanes, cards),
                        only,
                        Optional.ofNullable(storeUrl)
                                .map(url -> new ScratchData.PostgreSql(
                                        url,
                                        storeUser,
                                        storePassword == null
                                                ? ""
                                                : storePassword.toAbsolutePath().toString())),
                        line -> System.err.println("kiln: " + line))
                .run(command.strip());
        ReportFiles.write(report, out);
        report.targets()
                .forEach(target -> System.out.printf(
                        "%-8s %10s  %s %.3g  %s%n",
                        !target.isMeasured() ? "-" : target.isReached() ? "reached" : "missed",
                        target.isMeasured() ? String.format("%.3g", target.value()) : "-",
                        target.atMost() ? "at most" : "at least",
                        target.bound(),
                        target.what()));
        System.out.println("written: " + out.resolve("report.md"));
        return 0;
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BenchCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }
}
