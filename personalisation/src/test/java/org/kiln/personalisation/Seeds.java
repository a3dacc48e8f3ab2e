package org.kiln.personalisation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;

/** Seeds of property tests: a fixed run of them, or the one given by {@code -Dkiln.seed} to repeat a failure. */
public final class Seeds {

    private Seeds() {}

    public static LongStream of(int count) {
        Long given = Long.getLong("kiln.seed");
        return given != null ? LongStream.of(given) : LongStream.range(0, count);
    }

    public static Random random(long seed) {
        return new Random(seed * 0x9E3779B97F4A7C15L + 1);
    }

    /** {@code original} with a few octets changed, put in, cut out or said twice, or its end cut off. */
    public static byte[] mutate(byte[] original, Random random) {
        byte[] mutant = original;
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(mutant.length + 1);
            int cut = Math.min(random.nextInt(6), mutant.length - at);
            mutant = switch (random.nextInt(5)) {
                case 0 -> Arrays.copyOf(mutant, at);
                case 1 -> joined(mutant, at, 0, Arrays.copyOfRange(mutant, at, at + cut));
                case 2 -> joined(mutant, at, cut, new byte[0]);
                case 3 -> joined(mutant, at, cut, anything(random));
                default -> joined(mutant, at, cut, TOKENS[random.nextInt(TOKENS.length)]);
            };
        }
        return mutant;
    }

    private static final byte[][] TOKENS = {
        bytes("null"),
        bytes("{}"),
        bytes("[]"),
        bytes("[[[[[[[[[[[[[[[[[[[["),
        bytes("\"\""),
        bytes("-1"),
        bytes("1e99"),
        bytes("99999999999999999999"),
        bytes("true"),
        bytes(","),
        bytes(":"),
        bytes("}"),
        bytes("\"type\":"),
        bytes("\\u0000"),
        bytes("&a *a"),
        bytes("!!java.net.URL [x]")
    };

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] anything(Random random) {
        byte[] octets = new byte[random.nextInt(8)];
        random.nextBytes(octets);
        return octets;
    }

    private static byte[] joined(byte[] in, int at, int cut, byte[] inserted) {
        byte[] out = new byte[in.length - cut + inserted.length];
        System.arraycopy(in, 0, out, 0, at);
        System.arraycopy(inserted, 0, out, at, inserted.length);
        System.arraycopy(in, at + cut, out, at + inserted.length, in.length - at - cut);
        return out;
    }
}
