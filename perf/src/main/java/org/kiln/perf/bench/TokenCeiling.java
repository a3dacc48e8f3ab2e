package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kiln.kms.server.DataFolder;

/**
 * The C program of {@code perf/ceiling}, built and run: the token calls of one authentication, or of one generated key, with
 * nothing around them.
 */
final class TokenCeiling {

    private static final Pattern RATE = Pattern.compile("operations/s=(\\d+)");

    private final Path program;
    private final Path module;
    private final DataFolder folder;
    private final int seconds;

    /**
     * @param source {@code token_ceiling.c}
     * @param scratch where the program is built
     * @param folder whose token is called
     */
    TokenCeiling(Path source, Path scratch, Path module, DataFolder folder, int seconds) {
        program = scratch.resolve("token_ceiling");
        this.module = module;
        this.folder = folder;
        this.seconds = seconds;
        output(new ProcessBuilder(
                "gcc", "-std=c11", "-O2", "-pthread", "-o", program.toString(), source.toString(), "-ldl"));
    }

    /**
     * Operations a second.
     *
     * @param mode {@code cold}, {@code cold-session}, {@code hot} or {@code generate}
     * @param more {@code handles=N}
     */
    double rate(String mode, int vectors, int threads, String... more) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                module.toString(),
                "kiln",
                mode,
                Integer.toString(vectors),
                Integer.toString(threads),
                Integer.toString(seconds)));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .put("SOFTHSM2_CONF", folder.resolve("hsm/softhsm2.conf").toString());
        builder.environment().put("KILN_USER_PIN", pin());
        String said = output(builder);
        Matcher rate = RATE.matcher(said);
        if (!rate.find()) {
            throw new BenchException("the ceiling's program said: " + said);
        }
        return Double.parseDouble(rate.group(1));
    }

    private String pin() {
        try {
            return Files.readAllLines(folder.resolve("pins/user.pin")).getFirst();
        } catch (IOException e) {
            throw new BenchException("the scratch token's PIN cannot be read", e);
        }
    }

    private static String output(ProcessBuilder builder) {
        try {
            Process process = builder.redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new BenchException(String.join(" ", builder.command()) + ": " + said.strip());
            }
            return said;
        } catch (IOException e) {
            throw new BenchException("cannot run " + builder.command().getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }
}
