package org.kiln.personalisation.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.personalisation.Seeds;

/** RFC 9110 clause 14, as far as a file of keys needs it. */
class ByteRangeTest {

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 0",
        "bytes=10-, 10, 99",
        "bytes=10-19, 10, 19",
        "bytes=-1, 99, 99",
        "bytes=-500, 0, 99",
        "bytes=99-1000, 99, 99",
        "' bytes=1-2 ', 1, 2"
    })
    void oneRangeIsAnswered(String header, long first, long last) {
        assertThat(ByteRange.of(header, 100)).hasValue(new ByteRange(first, last));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "bytes=",
                "bytes=-",
                "bytes=5-2",
                "bytes=0-1,4-5",
                "items=0-1",
                "bytes=a-b",
                "bytes=--1",
                "bytes=0-9999999999999999999"
            })
    void whatIsNoOneRangeIsAnsweredWithTheWhole(String header) {
        assertThat(ByteRange.of(header, 100)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"bytes=100-, 100", "bytes=999999999999999999-, 100", "bytes=-0, 100", "bytes=0-, 0", "bytes=-5, 0"})
    void whatIsOutsideIsUnsatisfiable(String header, long size) {
        assertThatThrownBy(() -> ByteRange.of(header, size)).isInstanceOf(ByteRange.Unsatisfiable.class);
    }

    static LongStream seeds() {
        return Seeds.of(10);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyHeaderIsARangeOfTheFileOrNoneOrUnsatisfiable(long seed) {
        Random random = Seeds.random(seed);
        for (int i = 0; i < 500; i++) {
            long size = random.nextInt(3) == 0 ? random.nextInt(3) : random.nextLong(1L << 40);
            String good = "bytes=" + (random.nextBoolean() ? random.nextLong(1L << 40) : "") + "-"
                    + (random.nextBoolean() ? random.nextLong(1L << 40) : "");
            String header = random.nextBoolean()
                    ? good
                    : new String(
                            Seeds.mutate(good.getBytes(StandardCharsets.ISO_8859_1), random),
                            StandardCharsets.ISO_8859_1);
            try {
                Optional<ByteRange> range = ByteRange.of(header, size);
                range.ifPresent(sent -> {
                    assertThat(sent.first()).as("seed %d", seed).isNotNegative();
                    assertThat(sent.length()).as("seed %d", seed).isPositive();
                    assertThat(sent.last()).as("seed %d", seed).isLessThan(size);
                });
            } catch (ByteRange.Unsatisfiable expected) {
                assertThat(header).as("seed %d", seed).contains("bytes=");
            }
        }
    }
}
