package org.kiln.fuzz;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/**
 * Feeds a decoder with a corpus and with mutants of it: a fixed number of them, or for {@code -Dkiln.fuzz.minutes} of
 * processor time, and then others each time. An input that the decoder neither takes nor refuses as it should, or is never
 * done with, is kept in {@code target/fuzz}; once mended, it belongs into the corpus.
 */
public final class Fuzz {

    private static final Path CORPUS = Path.of("src", "test", "resources", "fuzz");
    private static final Path FAILED = Path.of("target", "fuzz");
    private static final String HEX = ".hex";
    private static final int SHORT_RUN = 5_000;
    private static final int LARGEST = 64 * 1024;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final byte[][] TOKENS = Stream.of(
                    "null",
                    "true",
                    "-1",
                    "1e99",
                    "{}",
                    "[[[[[[[[[[[[[[[[[[[[",
                    "\"\"",
                    ":",
                    "\"type\":",
                    "\\u0000",
                    "&a *a",
                    "!!java.net.URL [x]",
                    "\r\n")
            .map(token -> token.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);
    private static final int[] EDGES = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x20, 0x22, 0x2c, 0x5c, 0x7b};

    private final String name;
    private final List<byte[]> corpus;
    private final int shortRun;

    private volatile byte[] current = {};

    private Fuzz(String name, List<byte[]> corpus, int shortRun) {
        this.name = name;
        this.corpus = corpus;
        this.shortRun = shortRun;
    }

    /** Refuses an input by an exception of the kinds that it may throw. */
    @FunctionalInterface
    public interface Decoder {
        void decode(byte[] input) throws Exception;
    }

    /** The corpus in {@code src/test/resources/fuzz/name}: files as they are, or in hexadecimal if they end in {@code .hex}. */
    public static Fuzz of(String name) {
        List<byte[]> corpus = new ArrayList<>();
        try (Stream<Path> files = Files.list(CORPUS.resolve(name))) {
            for (Path file : files.sorted().toList()) {
                corpus.add(
                        file.toString().endsWith(HEX)
                                ? HexFormat.of().parseHex(Files.readString(file).strip())
                                : Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new AssertionError("no corpus " + name, e);
        }
        return new Fuzz(name, corpus, SHORT_RUN);
    }

    /** Mutates inputs that a test makes, where a file would not do. */
    public static Fuzz of(String name, byte[]... inputs) {
        return new Fuzz(name, List.of(inputs), SHORT_RUN);
    }

    /** So many mutants where no time is given: for a decoder that takes long. */
    public Fuzz shortRun(int mutants) {
        return new Fuzz(name, corpus, mutants);
    }

    /** Runs; returns how many inputs the decoder had. */
    public long run(Decoder decoder, Class<?>... refusals) {
        FutureTask<Long> feeding = new FutureTask<>(() -> feedAll(decoder, List.of(refusals)));
        try {
            await(Thread.ofPlatform().name("fuzz-" + name).daemon().start(feeding));
            return feeding.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void await(Thread thread) throws InterruptedException {
        byte[] seen = {};
        while (!thread.join(PATIENCE)) {
            byte[] now = current;
            if (now == seen) {
                throw new AssertionError(name + ": never done with what is kept as " + keep(now));
            }
            seen = now;
        }
    }

    private long feedAll(Decoder decoder, List<Class<?>> refusals) {
        corpus.forEach(input -> feed(decoder, input, refusals));
        String minutes = System.getProperty("kiln.fuzz.minutes");
        double seconds = minutes == null ? 0 : 60 * Double.parseDouble(minutes);
        Random random = new Random(minutes == null ? 1 : System.nanoTime());
        double begun = processorSeconds();
        long fed = corpus.size();
        for (int i = 0; minutes == null ? i < shortRun : processorSeconds() - begun < seconds; i++) {
            feed(decoder, mutant(random), refusals);
            fed++;
        }
        System.out.printf("fuzz: %s had %d inputs in %.0f s%n", name, fed, processorSeconds() - begun);
        return fed;
    }

    private static double processorSeconds() {
        return THREADS.getCurrentThreadCpuTime() / 1e9;
    }

    private void feed(Decoder decoder, byte[] input, List<Class<?>> refusals) {
        current = input;
        try {
            decoder.decode(input.clone());
        } catch (Exception | Error e) {
            if (refusals.stream().noneMatch(refusal -> refusal.isInstance(e))) {
                throw new AssertionError(name + ": kept as " + keep(input), e);
            }
        }
    }

    private Path keep(byte[] input) {
        try {
            Path file = FAILED.resolve(name).resolve(Integer.toHexString(Arrays.hashCode(input)) + HEX);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, HexFormat.of().formatHex(input) + "\n");
        } catch (IOException e) {
            throw new AssertionError(HexFormat.of().formatHex(input), e);
        }
    }

    private byte[] mutant(Random random) {
        byte[] mutant = any(random);
        for (int i = random.nextInt(5); i >= 0; i--) {
            mutant = mutated(mutant, random);
        }
        return mutant.length > LARGEST ? Arrays.copyOf(mutant, LARGEST) : mutant;
    }

    private byte[] any(Random random) {
        return corpus.get(random.nextInt(corpus.size())).clone();
    }

    private byte[] mutated(byte[] in, Random random) {
        if (in.length == 0) {
            return any(random);
        }
        int at = random.nextInt(in.length);
        int length = Math.min(1 + random.nextInt(random.nextInt(8) == 0 ? in.length : 8), in.length - at);
        return switch (random.nextInt(11)) {
            case 0 -> Arrays.copyOf(in, at);
            case 1 -> spliced(in, at, length, new byte[0]);
            case 2 -> spliced(in, at, 0, Arrays.copyOfRange(in, at, at + length));
            case 3 -> spliced(in, at, 0, repeated(in[at], 1 << random.nextInt(12)));
            case 4 -> joined(in, at, any(random), random);
            case 5 -> spliced(in, at, length, octets(length, random));
            case 6 -> with(in, at, EDGES[random.nextInt(EDGES.length)]);
            case 7 -> with(in, at, in[at] + (random.nextBoolean() ? 1 : -1));
            case 8 -> spliced(in, at, length, number(random));
            case 9 -> spliced(in, at, length, TOKENS[random.nextInt(TOKENS.length)]);
            default -> with(in, at, in[at] ^ 1 << random.nextInt(8));
        };
    }

    private static byte[] with(byte[] in, int at, int octet) {
        in[at] = (byte) octet;
        return in;
    }

    private static byte[] octets(int length, Random random) {
        byte[] octets = new byte[length];
        random.nextBytes(octets);
        return octets;
    }

    private static byte[] repeated(byte octet, int times) {
        byte[] octets = new byte[times];
        Arrays.fill(octets, octet);
        return octets;
    }

    private static byte[] number(Random random) {
        return Long.toString(random.nextBoolean() ? random.nextLong() : 1L << random.nextInt(64))
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] joined(byte[] in, int at, byte[] other, Random random) {
        if (other.length == 0) {
            return in;
        }
        int from = random.nextInt(other.length);
        return spliced(Arrays.copyOf(in, at), at, 0, Arrays.copyOfRange(other, from, other.length));
    }

    private static byte[] spliced(byte[] in, int at, int cut, byte[] inserted) {
        byte[] out = new byte[in.length - cut + inserted.length];
        System.arraycopy(in, 0, out, 0, at);
        System.arraycopy(inserted, 0, out, at, inserted.length);
        System.arraycopy(in, at + cut, out, at + inserted.length, in.length - at - cut);
        return out;
    }
}
