package org.kiln.perf.scratch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kiln.personalisation.cli.KilnCommand;

/** A verb of {@code kiln} in a process of its own, with the options that its launcher gives to those that take long. */
public final class KilnVerb {

    private KilnVerb() {}

    static List<String> command(List<String> virtualMachine, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseParallelGC"));
        command.addAll(virtualMachine);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), KilnCommand.class.getName()));
        command.addAll(arguments);
        return command;
    }

    /**
     * Runs it to its end.
     *
     * @return what it printed
     * @throws IOException if it fails, with what it said
     */
    public static String run(Path errors, String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(List.of(), List.of(arguments)))
                .redirectError(errors.toFile())
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("kiln " + arguments[0] + " " + arguments[1] + " failed; see " + errors);
        }
        return said;
    }
}
