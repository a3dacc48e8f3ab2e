package org.kiln.personalisation.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Looks for known secrets in files: each as octets and in hexadecimal, of either case. For laboratories, where the
 * vendor's token may reveal what it received.
 */
public final class CleartextScan implements AutoCloseable {

    private static final int PREFIX = 8;
    private static final int BUFFER = 1 << 20;

    /** Patterns by their first 8 octets. */
    private final Map<Long, List<byte[]>> patterns = new TreeMap<>();

    private long[] prefixes = new long[0];
    private int longest;

    /**
     * Adds a secret of at least 8 octets; shorter ones would be found by chance.
     *
     * @param secret copied; the caller wipes his own
     */
    public void add(byte[] secret) {
        if (secret.length < PREFIX) {
            throw new IllegalArgumentException("a secret of " + secret.length + " octets is found by chance");
        }
        HexFormat hex = HexFormat.of();
        addPattern(secret.clone());
        addPattern(hex.formatHex(secret).getBytes(StandardCharsets.US_ASCII));
        addPattern(hex.withUpperCase().formatHex(secret).getBytes(StandardCharsets.US_ASCII));
    }

    private void addPattern(byte[] pattern) {
        patterns.computeIfAbsent(prefix(pattern, 0), key -> new ArrayList<>()).add(pattern);
        longest = Math.max(longest, pattern.length);
        prefixes = new long[0];
    }

    /** How many places hold a secret in the files below {@code folder}. */
    public Result below(Path folder) throws IOException {
        prefixes = patterns.keySet().stream().mapToLong(Long::longValue).toArray();
        long files = 0;
        long octets = 0;
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                files++;
                octets += scan(file, found);
            }
        }
        return new Result(files, octets, found);
    }

    /**
     * What a scan saw.
     *
     * @param found the file of each place where a secret stands
     */
    public record Result(long files, long octets, List<Path> found) {}

    private long scan(Path file, List<Path> found) throws IOException {
        byte[] buffer = new byte[BUFFER + longest];
        long total = 0;
        int kept = 0;
        int read = BUFFER;
        try (InputStream in = Files.newInputStream(file)) {
            while (read == BUFFER) {
                read = in.readNBytes(buffer, kept, BUFFER);
                total += read;
                int end = kept + read;
                int tail = read == BUFFER ? longest - 1 : 0;
                search(buffer, end - tail, end, file, found);
                System.arraycopy(buffer, end - tail, buffer, 0, tail);
                kept = tail;
            }
        }
        return total;
    }

    private void search(byte[] buffer, int starts, int end, Path file, List<Path> found) {
        for (int at = 0; at < starts && at + PREFIX <= end; at++) {
            long prefix = prefix(buffer, at);
            if (Arrays.binarySearch(prefixes, prefix) >= 0) {
                for (byte[] pattern : patterns.getOrDefault(prefix, List.of())) {
                    if (at + pattern.length <= end
                            && Arrays.equals(buffer, at, at + pattern.length, pattern, 0, pattern.length)) {
                        found.add(file);
                    }
                }
            }
        }
    }

    private static long prefix(byte[] octets, int at) {
        long prefix = 0;
        for (int i = 0; i < PREFIX; i++) {
            prefix = (prefix << 8) | (octets[at + i] & 0xff);
        }
        return prefix;
    }

    @Override
    public void close() {
        patterns.values().forEach(list -> list.forEach(pattern -> Arrays.fill(pattern, (byte) 0)));
        patterns.clear();
    }
}
