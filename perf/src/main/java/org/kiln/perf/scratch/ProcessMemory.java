package org.kiln.perf.scratch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process's memory, as Linux tells it. */
public final class ProcessMemory {

    private static final String RESIDENT = "VmRSS:";
    private static final int KILO = 1024;

    private ProcessMemory() {}

    /** Resident octets of this process. */
    public static long resident() {
        return resident("self");
    }

    static long resident(String process) {
        try {
            return Files.readAllLines(Path.of("/proc", process, "status")).stream()
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
