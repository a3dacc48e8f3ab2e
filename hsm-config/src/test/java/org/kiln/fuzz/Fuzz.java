package org.kiln.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Feeds a decoder with a corpus and with mutants of it: a fixed number of them, or for {@code -Dkiln.fuzz.minutes}, and then
 * others each time. An input that the decoder neither takes nor refuses as it should is kept in {@code target/fuzz}; once
 * mended, it belongs into the corpus.
 */
public final class Fuzz {

    private static final Path CORPUS = Path.of("src", "test", "resources", "fuzz");
    private static final Path FAILED = Path.of("target", "fuzz");
    private static final String HEX = ".hex";
    private static final int SHORT_RUN = 5_000;
    private static final int LARGEST = 64 * 1024;
    private static final int[] EDGES = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x20, 0x22, 0x2c, 0x5c, 0x7b};

    private final String name;
    private final List<byte[]> corpus;

    private Fuzz(String name, List<byte[]> corpus) {
        this.name = name;
        this.corpus = corpus;
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
        return new Fuzz(name, corpus);
    }

    /** Mutates inputs that a test makes, where a file would not do. */
    public static Fuzz of(String name, byte[]... inputs) {
        return new Fuzz(name, List.of(inputs));
    }

    /** Runs; returns how many inputs the decoder had. */
    public long run(Decoder decoder, Class<?>... refusals) {
        return run(decoder, List.of(refusals));
    }

    private long run(Decoder decoder, List<Class<?>> refusals) {
        corpus.forEach(input -> feed(decoder, input, refusals));
        Long minutes = Long.getLong("kiln.fuzz.minutes");
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes == null ? 0 : minutes);
        Random random = new Random(minutes == null ? 1 : System.nanoTime());
        long fed = corpus.size();
        for (int i = 0; minutes == null ? i < SHORT_RUN : System.nanoTime() - end < 0; i++) {
            feed(decoder, mutant(random), refusals);
            fed++;
        }
        System.out.printf("fuzz: %s had %d inputs%n", name, fed);
        return fed;
    }

    private void feed(Decoder decoder, byte[] input, List<Class<?>> refusals) {
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
        return switch (random.nextInt(10)) {
            case 0 -> Arrays.copyOf(in, at);
            case 1 -> spliced(in, at, length, new byte[0]);
            case 2 -> spliced(in, at, 0, Arrays.copyOfRange(in, at, at + length));
            case 3 -> spliced(in, at, 0, repeated(in[at], 1 << random.nextInt(12)));
            case 4 -> joined(in, at, any(random), random);
            case 5 -> spliced(in, at, length, octets(length, random));
            case 6 -> with(in, at, EDGES[random.nextInt(EDGES.length)]);
            case 7 -> with(in, at, in[at] + (random.nextBoolean() ? 1 : -1));
            case 8 -> spliced(in, at, length, number(random));
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
