package org.kiln.kms.keys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * Shamir's secret sharing over GF(2^8) with the polynomial of AES (x^8 + x^4 + x^3 + x + 1).
 *
 * <p>Each octet of the secret is the constant of a random polynomial of its own, of degree threshold - 1; share
 * {@code x} holds the polynomials' values at {@code x}. Arithmetic takes no branch and looks up no table by a secret.
 */
final class SecretSharing {

    static final int MOST_SHARES = 16;

    private SecretSharing() {}

    /**
     * A point of every polynomial.
     *
     * @param x 1 to 255
     */
    record Point(int x, Secret y) {}

    /**
     * The values at x = 1 … {@code shares}; the caller closes them.
     *
     * @param threshold how many give the secret back: 2 to {@code shares}
     * @param random fills a segment with random octets
     */
    static List<Point> split(Secret secret, int shares, int threshold, Consumer<MemorySegment> random) {
        if (threshold < 2 || shares < threshold || shares > MOST_SHARES) {
            throw new KeyException("a key is split into 2 to " + MOST_SHARES + " shares, of which 2 or more, but not"
                    + " more than there are, give it back; " + threshold + " of " + shares + " is not possible");
        }
        long size = secret.size();
        MemorySegment constant = secret.expose(SecretAccess.granted());
        List<Point> points = new ArrayList<>();
        try (Secret coefficients = Secret.ofSize(size * (threshold - 1))) {
            MemorySegment upper = coefficients.expose(SecretAccess.granted());
            random.accept(upper);
            for (int x = 1; x <= shares; x++) {
                Secret share = Secret.ofSize(size);
                points.add(new Point(x, share));
                MemorySegment y = share.expose(SecretAccess.granted());
                for (long i = 0; i < size; i++) {
                    int value = 0;
                    for (int degree = threshold - 2; degree >= 0; degree--) {
                        value = multiply(value, x) ^ octet(upper, degree * size + i);
                    }
                    y.set(ValueLayout.JAVA_BYTE, i, (byte) (multiply(value, x) ^ octet(constant, i)));
                }
            }
        }
        return List.copyOf(points);
    }

    /** The constant of the polynomials through these points, which have distinct x and are as many as the threshold. */
    static Secret combine(List<Point> points) {
        long size = points.getFirst().y().size();
        Secret secret = Secret.ofSize(size);
        MemorySegment sum = secret.expose(SecretAccess.granted());
        for (Point point : points) {
            int weight = weight(point, points);
            MemorySegment y = point.y().expose(SecretAccess.granted());
            for (long i = 0; i < size; i++) {
                sum.set(ValueLayout.JAVA_BYTE, i, (byte) (octet(sum, i) ^ multiply(octet(y, i), weight)));
            }
        }
        return secret;
    }

    /** Lagrange's basis polynomial of a point, at 0; only x, which is no secret, goes into it. */
    private static int weight(Point of, List<Point> points) {
        int weight = 1;
        for (Point other : points) {
            if (other.x() != of.x()) {
                weight = multiply(weight, multiply(other.x(), inverse(other.x() ^ of.x())));
            }
        }
        return weight;
    }

    /** {@code a · b}, with no branch that depends on either. */
    static int multiply(int a, int b) {
        int product = 0;
        int shifted = a;
        for (int bit = 0; bit < 8; bit++) {
            product ^= -((b >>> bit) & 1) & shifted;
            shifted = (shifted << 1) ^ (-(shifted >>> 7) & 0x11b);
        }
        return product;
    }

    /** {@code a^254}, which is 1/a. */
    static int inverse(int a) {
        int power = a;
        int result = 1;
        for (int bit = 1; bit < 8; bit++) {
            power = multiply(power, power);
            result = multiply(result, power);
        }
        return result;
    }

    private static int octet(MemorySegment octets, long at) {
        return Byte.toUnsignedInt(octets.get(ValueLayout.JAVA_BYTE, at));
    }
}
