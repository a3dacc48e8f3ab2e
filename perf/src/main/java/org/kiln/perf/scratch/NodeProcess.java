package org.kiln.perf.scratch;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code kiln up} in a process of its own. */
public final class NodeProcess implements AutoCloseable {

    private static final Pattern READY =
            Pattern.compile("kiln ready https=\\S+:(\\d+)(?: lab=\\S+:(\\d+))?(?: gsup=\\S+:(\\d+))?");

    /** The fields of {@code stat} after the thread's name, counted from the one after it (proc(5)). */
    private static final int USER = 11;

    private static final int SYSTEM = 12;
    private static final double TICKS = 100;
    private static final Pattern SPACE = Pattern.compile(" ");

    private final Process process;
    private final int port;
    private final int labPort;
    private final int gsupPort;

    private NodeProcess(Process process, int port, int labPort, int gsupPort) {
        this.process = process;
        this.port = port;
        this.labPort = labPort;
        this.gsupPort = gsupPort;
    }

    /**
     * Starts it and waits until it can serve.
     *
     * @param virtualMachine options for its virtual machine, such as {@code -Xmx256m}
     * @param more of its arguments, such as {@code --lab}
     */
    public static NodeProcess start(Path data, List<String> virtualMachine, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("up", "--data", data.toString(), "--port", "0"));
        arguments.addAll(List.of(more));
        Process process = new ProcessBuilder(KilnVerb.command(virtualMachine, arguments))
                .redirectError(data.resolve("up.log").toFile())
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                return new NodeProcess(process, port(ready, 1), port(ready, 2), port(ready, 3));
            }
        }
        throw new IOException("kiln up did not come up; see " + data.resolve("up.log"));
    }

    private static int port(Matcher ready, int group) {
        return ready.group(group) == null ? 0 : Integer.parseInt(ready.group(group));
    }

    /** Of the TLS listener. */
    public int port() {
        return port;
    }

    /** Of the listener without TLS; 0 if it has none. */
    public int labPort() {
        return labPort;
    }

    /** Of the GSUP listener; 0 if it has none. */
    public int gsupPort() {
        return gsupPort;
    }

    /** Processor time that it has used. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /**
     * Processor time that it has used, by the first letters of its threads' names as {@code /proc} has them.
     *
     * @return seconds; empty where there is no {@code /proc}
     */
    public Map<String, Double> cpuByThreads(Set<String> names) {
        Map<String, Double> used = new TreeMap<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            for (Path thread : threads.toList()) {
                String name = Files.readString(thread.resolve("comm"));
                String stat = Files.readString(thread.resolve("stat"));
                List<String> fields = List.of(SPACE.split(stat.substring(stat.lastIndexOf(')') + 2), -1));
                double seconds = (Long.parseLong(fields.get(USER)) + Long.parseLong(fields.get(SYSTEM))) / TICKS;
                names.stream()
                        .filter(name::startsWith)
                        .findFirst()
                        .ifPresent(part -> used.merge(part, seconds, Double::sum));
            }
        } catch (IOException e) {
            return Map.of();
        }
        return used;
    }

    /** The process's number. */
    public long pid() {
        return process.pid();
    }

    /** Memory that it has of the machine's, in octets. */
    public long resident() {
        return ProcessMemory.resident(Long.toString(process.pid()));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
