package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The heap of a virtual machine, as its log of collections tells it. */
final class HeapLog {

    private static final Pattern COLLECTION = Pattern.compile("Pause \\S.* (\\d+)([KMG])->(\\d+)([KMG])\\(");
    private static final int USED = 3;
    private static final int UNIT = 4;
    private static final double KIBI = 1024;

    private final Path file;

    HeapLog(Path file) {
        this.file = file;
    }

    /** What a virtual machine is told, to keep the log and to have no more heap than that. */
    List<String> options(int mebibytes) {
        return List.of("-Xmx" + mebibytes + "m", "-Xlog:gc:file=" + file);
    }

    /** The most that was in use after a collection, in MiB. */
    double most() {
        try {
            return most(Files.readString(file)).orElseThrow(() -> new BenchException(file + " tells of no collection"));
        } catch (IOException e) {
            throw new BenchException("the log of collections cannot be read: " + e.getMessage(), e);
        }
    }

    static OptionalDouble most(String log) {
        return Stream.of(log)
                .flatMap(text -> COLLECTION.matcher(text).results())
                .mapToDouble(HeapLog::used)
                .max();
    }

    private static double used(MatchResult collection) {
        double number = Double.parseDouble(collection.group(USED));
        return switch (collection.group(UNIT)) {
            case "K" -> number / KIBI;
            case "G" -> number * KIBI;
            default -> number;
        };
    }
}
