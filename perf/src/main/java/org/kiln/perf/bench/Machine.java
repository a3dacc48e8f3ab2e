package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
