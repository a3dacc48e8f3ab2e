package org.kiln.perf.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.kiln.perf.measure.Measurements;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln plan measure}. */
@Command(
        name = "measure",
        description = {
            "Measures on this machine what a request costs and writes it to a file for 'kiln plan --costs'.",
            "It makes a SoftHSM token and a database of its own in a scratch folder and deletes them. Let the machine do",
            "nothing else meanwhile: what it does shows in the figures."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  kiln plan measure --out costs.json --folder /srv"})
public final class MeasureCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "costs.json",
            description = "default: ${DEFAULT-VALUE}")
    private Path out = Path.of("costs.json");

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            defaultValue = "${java.io.tmpdir}",
            description = "where the scratch folder is made: on the disk to be measured (default: ${DEFAULT-VALUE})")
    private Path folder = Path.of(".");

    @Option(
            names = "--subscribers",
            defaultValue = "200000",
            description = "in the scratch database (default: ${DEFAULT-VALUE})")
    private int subscribers;

    @Option(names = "--seconds", defaultValue = "5", description = "for each measurement (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "at most, before HTTP is measured (default: ${DEFAULT-VALUE})")
    private int warmUp;

    @Override
    public Integer call() throws IOException {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        PlanFiles.write(
                out,
                PlanFiles.pretty(new Measurements(
                                        folder,
                                        subscribers,
                                        seconds,
                                        warmUp,
                                        line -> System.err.println("kiln: " + line))
                                .run("kiln plan " + String.join(" ", arguments)))
                        + "\n");
        System.out.println("written: " + out);
        return 0;
    }
}
