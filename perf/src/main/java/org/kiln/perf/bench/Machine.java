package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a run was made on, and with. */
final class Machine {

    private Machine() {}

    static String describe() throws IOException {
        return Runtime.getRuntime().availableProcessors() + " processors, "
                + line(Path.of("/proc/cpuinfo"), "model name") + ", "
                + line(Path.of("/proc/meminfo"), "MemTotal") + " of memory, " + System.getProperty("os.name") + " "
                + System.getProperty("os.version");
    }

    private static String line(Path file, String key) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    }

    /**
     * Time of all processors since the machine started.
     *
     * @param ticks whatever they did
     * @param stolen when they had work and the host gave its processors to others
     */
    record Processors(long ticks, long stolen) {

        private static final int STEAL = 7;
        private static final int GUEST = 8;

        static Processors now() throws IOException {
            return of(Files.readAllLines(Path.of("/proc/stat")).getFirst());
        }

        /** @param line the first of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, and guests, whom user counts */
        static Processors of(String line) {
            long[] ticks = Arrays.stream(line.split(" +"))
                    .skip(1)
                    .mapToLong(Long::parseLong)
                    .toArray();
            return new Processors(Arrays.stream(ticks).limit(GUEST).sum(), ticks[STEAL]);
        }

        /** What share of the time since then was stolen. */
        double stolenSince(Processors before) {
            return (double) (stolen - before.stolen) / Math.max(1, ticks - before.ticks);
        }
    }

    static List<String> software() {
        List<String> software = new ArrayList<>(List.of("Java " + Runtime.version()));
        for (String name : List.of("softhsm2", "osmo-hlr", "nghttp2-client", "gcc")) {
            String version = version(name);
            software.add(name + " " + (version.isEmpty() ? "(not of a Debian package)" : version));
        }
        return software;
    }

    private static String version(String name) {
        try {
            Process process = new ProcessBuilder("dpkg-query", "-W", "-f", "${Version}", name)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
