package org.kiln.perf.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process's memory, as Linux tells it. */
final class ProcessMemory {

    private static final String RESIDENT = "VmRSS:";
    private static final int KILO = 1024;

    private ProcessMemory() {}

    /** Resident octets. */
    static long resident() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(line -> KILO
                            * Long.parseLong(line.substring(RESIDENT.length())
                                    .replace("kB", "")
                                    .strip()))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException("resident memory can be read on Linux only", e);
        }
    }
}
