package org.kiln.personalisation.demo;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code kiln} in a process of its own, as the operator runs it beside the vendor. */
public final class KilnProcess implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("kiln ready https=(\\S+)(?: lab=(\\S+))?(?: gsup=(\\S+))?");
    private static final int STOP_SECONDS = 60;

    private final Process process;
    private final String https;
    private final String lab;
    private final String gsup;

    private KilnProcess(Process process, String https, String lab, String gsup) {
        this.process = process;
        this.https = https;
        this.lab = lab;
        this.gsup = gsup;
    }

    /** A verb that did not end well. */
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    /** How a verb ended. */
    public record Ended(int exitCode, String out, String err) {}

    /** Runs a verb to its end. */
    public static Ended run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("kiln", ".out");
        Path err = Files.createTempFile("kiln", ".err");
        try {
            Process process = builder(environment, arguments)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            int exitCode = process.waitFor();
            return new Ended(
                    exitCode,
                    Files.readString(out).strip(),
                    Files.readString(err).strip());
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Runs a verb and returns what it printed; its error is this method's if it fails. */
    public static String succeed(String... arguments) throws IOException, InterruptedException {
        Ended ended = run(Map.of(), arguments);
        if (ended.exitCode() != 0) {
            throw new Failed(ended.err());
        }
        return ended.out();
    }

    /** Starts a verb and leaves it to itself; what it says goes to {@code log}. */
    public static Process begin(Path log, String... arguments) throws IOException {
        return builder(Map.of(), arguments)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Starts {@code kiln up} and waits until it can serve; its log goes to {@code log}. */
    public static KilnProcess up(Path log, String... arguments) throws IOException {
        return up(List.of(), log, arguments);
    }

    /**
     * As {@link #up(Path, String...)}.
     *
     * @param virtualMachine options for its virtual machine, such as {@code -Xmx256m}
     */
    public static KilnProcess up(List<String> virtualMachine, Path log, String... arguments) throws IOException {
        return up(Map.of(), virtualMachine, log, arguments);
    }

    /** As {@link #up(Path, String...)}, with more variables in its environment. */
    public static KilnProcess up(Map<String, String> environment, Path log, String... arguments) throws IOException {
        return up(environment, List.of(), log, arguments);
    }

    private static KilnProcess up(
            Map<String, String> environment, List<String> virtualMachine, Path log, String... arguments)
            throws IOException {
        Files.createDirectories(log.toAbsolutePath().getParent());
        List<String> all = new ArrayList<>(List.of("up"));
        all.addAll(List.of(arguments));
        ProcessBuilder builder = builder(environment, all.toArray(String[]::new));
        builder.command().addAll(1, virtualMachine);
        Process process = builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                String lab = ready.group(2);
                String gsup = ready.group(3);
                return new KilnProcess(process, ready.group(1), lab == null ? "" : lab, gsup == null ? "" : gsup);
            }
        }
        throw new Failed("kiln up ended before it could serve; see " + log);
    }

    private static ProcessBuilder builder(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                "org.kiln.personalisation.cli.KilnCommand"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder;
    }

    /** The process's number. */
    public long pid() {
        return process.pid();
    }

    /** Host and port of the TLS listener. */
    public String https() {
        return https;
    }

    /** Host and port of the laboratory listener; empty if there is none. */
    public String lab() {
        return lab;
    }

    /** Host and port of the GSUP listener; empty if there is none. */
    public String gsup() {
        return gsup;
    }

    /** Ends it at once, as a power cut would. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops it as an operator would (SIGTERM) and returns its exit code. */
    public int stop() {
        process.destroy();
        try {
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        return -1;
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            int _ = stop();
        }
    }
}
