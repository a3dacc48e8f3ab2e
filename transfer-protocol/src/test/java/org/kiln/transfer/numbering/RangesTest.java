package org.kiln.transfer.numbering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.transfer.Seeds;

class RangesTest {

    @Test
    void iccidsCountOverThePayloadAndGetTheirOwnCheckDigit() {
        IccidRange range = new IccidRange(Iccid.withCheckDigit("898821100000043009"), 3);

        assertThat(range.get(0).payload()).isEqualTo("898821100000043009");
        assertThat(range.get(1).payload()).isEqualTo("898821100000043010");
        assertThat(range.get(2).payload()).isEqualTo("898821100000043011");
    }

    @Test
    void imsisKeepTheirLeadingZeros() {
        ImsiRange range = new ImsiRange(new Imsi("001010000000009"), 2);

        assertThat(range.get(1).digits()).isEqualTo("001010000000010");
    }

    @Test
    void theLastNumberIsStillIn() {
        assertThat(new ImsiRange(new Imsi("001019999999998"), 2).get(1).digits())
                .isEqualTo("001019999999999");
        assertThat(new IccidRange(Iccid.withCheckDigit("8999999999999999998"), 2)
                        .get(1)
                        .payload())
                .isEqualTo("8999999999999999999");
    }

    @Test
    void runningOutOfDigitsIsAnErrorOfItsOwn() {
        Imsi imsi = new Imsi("001019999999998");
        Iccid iccid = Iccid.withCheckDigit("8999999999999999998");

        assertThatThrownBy(() -> new ImsiRange(imsi, 3))
                .isInstanceOf(NumberingException.Overflow.class)
                .hasMessageContaining("after 2")
                .hasMessageContaining("split the order");
        assertThatThrownBy(() -> new IccidRange(iccid, 3)).isInstanceOf(NumberingException.Overflow.class);
        assertThatThrownBy(() -> new IccidRange(iccid, Long.MAX_VALUE)).isInstanceOf(NumberingException.Overflow.class);
    }

    @Test
    void emptyRangesAndIndicesOutsideAreRefused() {
        ImsiRange range = new ImsiRange(new Imsi("001010000000000"), 2);

        assertThatThrownBy(() -> new ImsiRange(range.first(), 0))
                .isInstanceOf(NumberingException.class)
                .isNotInstanceOf(NumberingException.Overflow.class);
        assertThatThrownBy(() -> new IccidRange(Iccid.withCheckDigit("898821100000043009"), -1))
                .isInstanceOf(NumberingException.class);
        assertThatThrownBy(() -> range.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> range.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void rangesThatTouchDoNotOverlap() {
        ImsiRange low = new ImsiRange(new Imsi("001010000000000"), 10);

        assertThat(low.overlaps(new ImsiRange(new Imsi("001010000000010"), 1))).isFalse();
        assertThat(low.overlaps(new ImsiRange(new Imsi("001010000000009"), 1))).isTrue();
        assertThat(low.overlaps(new ImsiRange(new Imsi("00101000000000"), 10))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void numbersAreConsecutiveAndDistinct(long seed) {
        Random random = Seeds.random(seed);
        String payload = "8949" + Seeds.digits(random, 14 + random.nextInt(2));
        BigInteger room = BigInteger.TEN.pow(payload.length() - 4).subtract(new BigInteger(payload.substring(4)));
        long quantity = 1
                + random.nextInt(Math.min(500, room.min(BigInteger.valueOf(500)).intValue()));
        IccidRange range = new IccidRange(Iccid.withCheckDigit(payload), quantity);
        Set<Iccid> seen = new HashSet<>();
        for (long i = 0; i < quantity; i++) {
            assertThat(new BigInteger(range.get(i).payload()))
                    .as("seed %d index %d", seed, i)
                    .isEqualTo(new BigInteger(payload).add(BigInteger.valueOf(i)));
            seen.add(range.get(i));
        }
        assertThat(seen).as("seed %d", seed).hasSize((int) quantity);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void overlapIsACommonNumber(long seed) {
        Random random = Seeds.random(seed);
        ImsiRange one = smallRange(random);
        ImsiRange other = smallRange(random);
        Set<Imsi> numbers = new HashSet<>();
        for (long i = 0; i < one.quantity(); i++) {
            numbers.add(one.get(i));
        }
        boolean common = false;
        for (long i = 0; i < other.quantity(); i++) {
            common |= numbers.contains(other.get(i));
        }
        assertThat(one.overlaps(other)).as("seed %d", seed).isEqualTo(common);
        assertThat(other.overlaps(one)).as("seed %d, the other way", seed).isEqualTo(common);
    }

    private static ImsiRange smallRange(Random random) {
        String first = "00101" + "0".repeat(random.nextInt(5) == 0 ? 7 : 8) + Seeds.digits(random, 2);
        return new ImsiRange(new Imsi(first), 1 + random.nextInt(40));
    }

    static LongStream seeds() {
        return Seeds.of(200);
    }
}
