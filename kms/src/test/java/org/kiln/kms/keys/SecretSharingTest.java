package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.SecretSharing.Point;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

class SecretSharingTest {

    private static Secret secret(String hex) {
        return Secret.takeFrom(HexFormat.of().parseHex(hex));
    }

    private static String hex(Secret secret) {
        return HexFormat.of().formatHex(secret.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE));
    }

    private static Consumer<MemorySegment> random(Random random) {
        return octets -> {
            byte[] drawn = new byte[(int) octets.byteSize()];
            random.nextBytes(drawn);
            MemorySegment.copy(drawn, 0, octets, ValueLayout.JAVA_BYTE, 0, drawn.length);
        };
    }

    /** FIPS 197, clauses 4.2 and 4.2.1. */
    @Test
    void multipliesAsAesDoes() {
        assertThat(SecretSharing.multiply(0x57, 0x83)).isEqualTo(0xc1);
        assertThat(SecretSharing.multiply(0x57, 0x13)).isEqualTo(0xfe);
    }

    @Test
    void everyElementButZeroHasItsInverse() {
        for (int a = 1; a < 256; a++) {
            assertThat(SecretSharing.multiply(a, SecretSharing.inverse(a))).isEqualTo(1);
        }
        assertThat(SecretSharing.inverse(0)).isZero();
    }

    /** Made with an implementation of its own, by tables of logarithms: coefficients 37·i + 11 for i = 0 … 31. */
    @Test
    void givesTheKnownShares() {
        Consumer<MemorySegment> coefficients = octets -> {
            for (int i = 0; i < octets.byteSize(); i++) {
                octets.set(ValueLayout.JAVA_BYTE, i, (byte) (37 * i + 11));
            }
        };
        try (Secret value = secret("404142434445464748494a4b4c4d4e4f")) {
            assertThat(SecretSharing.split(value, 5, 3, coefficients).stream()
                            .map(point -> point.x() + " " + hex(point.y())))
                    .containsExactly(
                            "1 10f1b2f334959617f8b9fa1b9c9d3eff",
                            "2 21174ab2f0866b38146fa9f1857ef30d",
                            "3 71a7ba028056bb68a49f19a155ae83bd",
                            "4 ab59b3a47c2372e86c5cc14c163d402f",
                            "5 fbe943140cf3a2b8dcac711cc6ed309f");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anySharesAsManyAsTheThresholdGiveTheSecretBackAndFewerDoNot(long seed) {
        Random random = new Random(seed);
        byte[] drawn = new byte[32];
        random.nextBytes(drawn);
        String expected = HexFormat.of().formatHex(drawn);
        int shares = 2 + random.nextInt(SecretSharing.MOST_SHARES - 1);
        int threshold = 2 + random.nextInt(shares - 1);
        try (Secret value = Secret.takeFrom(drawn)) {
            List<Point> points = new ArrayList<>(SecretSharing.split(value, shares, threshold, random(random)));
            for (int round = 0; round < 20; round++) {
                Collections.shuffle(points, random);
                try (Secret back = SecretSharing.combine(points.subList(0, threshold));
                        Secret fewer = SecretSharing.combine(points.subList(0, threshold - 1))) {
                    assertThat(hex(back)).isEqualTo(expected);
                    assertThat(hex(fewer)).isNotEqualTo(expected);
                }
            }
        }
    }

    /** With one share too few, every value of the secret is as possible as every other. */
    @Test
    void oneShareTooFewTellsNothing() {
        try (Secret value = secret("a7")) {
            Point known =
                    SecretSharing.split(value, 2, 2, random(new Random(11))).getFirst();
            boolean[] possible = new boolean[256];
            for (int other = 0; other < 256; other++) {
                try (Secret guess = Secret.takeFrom(new byte[] {(byte) other});
                        Secret made = SecretSharing.combine(List.of(known, new Point(2, guess)))) {
                    possible[Integer.parseInt(hex(made), 16)] = true;
                }
            }
            assertThat(possible).doesNotContain(false);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 1", "2, 3", "17, 3"})
    void otherNumbersAreRefused(int shares, int threshold) {
        try (Secret value = secret("00")) {
            assertThatThrownBy(() -> SecretSharing.split(value, shares, threshold, octets -> {}))
                    .isInstanceOf(KeyException.class)
                    .hasMessageContaining(threshold + " of " + shares + " is not possible");
        }
    }
}
