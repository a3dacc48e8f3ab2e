package org.kiln.transfer;

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

    public static String digits(Random random, int length) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < length; i++) {
            digits.append((char) ('0' + random.nextInt(10)));
        }
        return digits.toString();
    }

    /** {@code original} with a few octets changed, inserted or cut out, or its end cut off. */
    public static byte[] mutate(byte[] original, Random random) {
        byte[] mutant = original.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = mutant.length == 0 ? 0 : random.nextInt(mutant.length);
            mutant = switch (random.nextInt(5)) {
                case 0 -> splice(mutant, at, Math.min(1 + random.nextInt(8), mutant.length - at), 0, random);
                case 1 -> splice(mutant, at, 0, 1 + random.nextInt(8), random);
                case 2 -> Arrays.copyOf(mutant, at);
                default -> splice(mutant, at, Math.min(1, mutant.length - at), 1, random);
            };
        }
        return mutant;
    }

    private static byte[] splice(byte[] in, int at, int cut, int insert, Random random) {
        byte[] inserted = new byte[insert];
        random.nextBytes(inserted);
        byte[] out = new byte[in.length - cut + insert];
        System.arraycopy(in, 0, out, 0, at);
        System.arraycopy(inserted, 0, out, at, insert);
        System.arraycopy(in, at + cut, out, at + insert, in.length - at - cut);
        return out;
    }
}
