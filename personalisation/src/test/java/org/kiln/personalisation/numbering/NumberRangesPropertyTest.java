package org.kiln.personalisation.numbering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.personalisation.ScratchCodes;
import org.kiln.personalisation.Seeds;
import org.kiln.personalisation.numbering.NumberBlock.State;

/** What holds of numbers whatever is ordered, cancelled and released, on a database as nodes have it. */
@Tag(ScratchDatabase.TAG)
class NumberRangesPropertyTest {

    private static final String TESTER = "tester";

    private static final int STEPS = 40;

    @TempDir
    private Path folder;

    private Database database;
    private NumberRanges ranges;
    private NumberBlocks blocks;
    private Quarantine quarantine;

    @BeforeEach
    void open() {
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        database.migrate("personalisation");
        ranges = new NumberRanges(database, ScratchCodes.secondPerson(), InstantSource.system());
        blocks = new NumberBlocks(database);
        quarantine = new Quarantine(database, ranges, InstantSource.system());
    }

    @AfterEach
    void close() {
        database.close();
    }

    static LongStream seeds() {
        return Seeds.of(12);
    }

    /** A range of any kind: with leading zeros, in the middle, or up to the last number of its digits. */
    private static NumberRange range(Random random, long size) {
        NumberKind kind = NumberKind.values()[random.nextInt(NumberKind.values().length)];
        int digits = switch (kind) {
            case ICCID -> 18 + random.nextInt(2);
            case IMSI -> 14 + random.nextInt(2);
            case MSISDN -> 5 + random.nextInt(11);
            case EID -> 30;
        };
        String prefix = switch (kind) {
            case ICCID, EID -> "89";
            case IMSI -> random.nextBoolean() ? "000" : "";
            case MSISDN -> String.valueOf(1 + random.nextInt(9));
        };
        BigInteger past = BigInteger.TEN.pow(digits - prefix.length());
        BigInteger room = past.subtract(BigInteger.valueOf(size));
        BigInteger offset = random.nextInt(3) == 0 ? room : new BigInteger(64, random).mod(room.add(BigInteger.ONE));
        return new NumberRange("r", kind, "laboratory", prefix + padded(offset, digits - prefix.length()), size, null);
    }

    private static String padded(BigInteger number, int digits) {
        return "0".repeat(digits - number.toString().length()) + number;
    }

    private String take(NumberRange range, long quantity, String order) {
        return database.write(connection -> NumberBlocks.take(connection, range, quantity, order));
    }

    private void quarantine(String order) {
        database.write(connection -> {
            NumberBlocks.quarantine(connection, order, "given up");
            return order;
        });
    }

    private static BigInteger past(NumberBlock block) {
        return new BigInteger(block.first()).add(BigInteger.valueOf(block.count()));
    }

    /** Blocks lie one after the other from the range's first number on; returns where they end. */
    private BigInteger requireWhole(NumberRange range, long seed) {
        BigInteger next = new BigInteger(range.first());
        for (NumberBlock block : blocks.of(range)) {
            assertThat(block.first()).as("seed %d", seed).hasSize(range.first().length());
            assertThat(new BigInteger(block.first())).as("seed %d", seed).isEqualTo(next);
            assertThat(block.count()).as("seed %d", seed).isPositive();
            next = past(block);
        }
        assertThat(next).as("seed %d", seed).isLessThanOrEqualTo(range.past());
        return next;
    }

    private static <T> T any(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void numbersAreGivenOnceUnlessReleasedAndReleasedOnesFirst(long seed) {
        Random random = Seeds.random(seed);
        NumberRange range = range(random, 20 + random.nextInt(200));
        ranges.add(range, TESTER);
        for (int step = 0; step < STEPS; step++) {
            List<NumberBlock> before = blocks.of(range);
            List<NumberBlock> quarantined = before.stream()
                    .filter(block -> block.state() == State.QUARANTINED)
                    .toList();
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (!before.isEmpty()) {
                        quarantine(any(before, random).orderId());
                    }
                }
                case 1 -> {
                    if (!quarantined.isEmpty()) {
                        assertThat(quarantine
                                        .release("r", any(quarantined, random).first(), null, "seen to", TESTER)
                                        .getFirst()
                                        .state())
                                .isEqualTo(State.RELEASED);
                    }
                }
                default -> requireTaken(range, before, 1 + random.nextInt(30), "order-" + step, seed);
            }
            requireWhole(range, seed);
        }
    }

    private void requireTaken(NumberRange range, List<NumberBlock> before, long quantity, String order, long seed) {
        BigInteger next = requireWhole(range, seed);
        Optional<NumberBlock> released = before.stream()
                .filter(block -> block.state() == State.RELEASED && block.count() >= quantity)
                .findFirst();
        boolean enough = next.add(BigInteger.valueOf(quantity)).compareTo(range.past()) <= 0;
        if (released.isEmpty() && !enough) {
            assertThatThrownBy(() -> take(range, quantity, order))
                    .as("seed %d", seed)
                    .isInstanceOf(RangeException.class)
                    .hasMessageContaining(range.past().subtract(next) + " numbers left, " + quantity + " are wanted");
            assertThat(blocks.of(range)).as("seed %d", seed).isEqualTo(before);
            return;
        }
        String first = take(range, quantity, order);

        assertThat(first)
                .as("seed %d", seed)
                .isEqualTo(released.map(NumberBlock::first)
                        .orElseGet(() -> padded(next, range.first().length())));
        List<NumberBlock> after = blocks.of(range);
        assertThat(after)
                .as("seed %d", seed)
                .contains(new NumberBlock(range.kind(), first, quantity, State.TAKEN, order, null))
                .containsAll(before.stream()
                        .filter(block -> block.state() != State.RELEASED)
                        .toList());
        assertThat(sum(after))
                .as("seed %d", seed)
                .isEqualTo(released.isPresent() ? sum(before) : sum(before) + quantity);
    }

    private static long sum(List<NumberBlock> blocks) {
        return blocks.stream().mapToLong(NumberBlock::count).sum();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ordersAtTheSameTimeGetNumbersOfTheirOwn(long seed) throws Exception {
        int threads = 6;
        int each = 8;
        Random random = Seeds.random(seed);
        NumberRange range = range(random, threads * each * 4L);
        ranges.add(range, TESTER);
        CyclicBarrier together = new CyclicBarrier(threads);
        List<Callable<Long>> people = new ArrayList<>();
        for (int person = 0; person < threads; person++) {
            long own = random.nextLong();
            int number = person;
            people.add(() -> {
                Random choices = new Random(own);
                together.await();
                long got = 0;
                for (int order = 0; order < each; order++) {
                    long quantity = 1 + choices.nextInt(9);
                    try {
                        take(range, quantity, number + "-" + order);
                        got += quantity;
                    } catch (RangeException e) {
                        assertThat(e).as("seed %d", seed).hasMessageContaining("numbers left");
                    }
                }
                return got;
            });
        }
        long got = 0;
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (Future<Long> sum : executor.invokeAll(people)) {
                got += sum.get();
            }
        }

        BigInteger end = requireWhole(range, seed);
        assertThat(sum(blocks.of(range))).as("seed %d", seed).isEqualTo(got);
        assertThat(end).isEqualTo(new BigInteger(range.first()).add(BigInteger.valueOf(got)));
        assertThat(blocks.of(range).stream().map(NumberBlock::orderId)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({
        "ICCID, 899999999999999998, 2, does not begin as it must",
        "ICCID, 8999999999999999990, 10, does not begin as it must",
        "IMSI, 999999999999999, 1, runs out of digits",
        "IMSI, 99999999999990, 10, runs out of digits",
        "MSISDN, 99990, 10, runs out of digits",
        "EID, 899999999999999999999999999990, 10, does not begin as it must"
    })
    void aRangeMayEndWithTheLastNumberOfItsDigits(NumberKind kind, String first, long size, String beyond) {
        NumberRange range = new NumberRange("r", kind, "o", first, size, null);
        ranges.add(range, TESTER);

        assertThat(take(range, size, "all")).isEqualTo(first);
        assertThatThrownBy(() -> take(range, 1, "more")).hasMessageContaining("has 0 numbers left");
        assertThatThrownBy(() -> new NumberRange("r", kind, "o", first, size + 1, null))
                .hasMessageContaining(beyond);
    }

    @Test
    void leadingZerosStay() {
        NumberRange range = new NumberRange("zeros", NumberKind.IMSI, "o", "000000000000008", 5, null);
        ranges.add(range, TESTER);

        assertThat(take(range, 1, "a")).isEqualTo("000000000000008");
        assertThat(take(range, 3, "b")).isEqualTo("000000000000009");
        assertThat(take(range, 1, "c")).isEqualTo("000000000000012");
        assertThat(ranges.list()).containsExactly(range);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noTwoRangesHoldANumberOfTheOther(long seed) {
        Random random = Seeds.random(seed);
        List<NumberRange> entered = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            String first = "0010100000" + padded(BigInteger.valueOf(random.nextInt(100_000)), 5);
            NumberRange range = new NumberRange("r" + i, NumberKind.IMSI, "o", first, 1 + random.nextInt(5_000), null);
            boolean free = entered.stream()
                    .allMatch(other -> new BigInteger(other.first()).compareTo(range.past()) >= 0
                            || new BigInteger(range.first()).compareTo(other.past()) >= 0);
            if (free) {
                ranges.add(range, TESTER);
                entered.add(range);
            } else {
                assertThatThrownBy(() -> ranges.add(range, TESTER))
                        .as("seed %d", seed)
                        .isInstanceOf(RangeException.class);
            }
        }
        entered.sort(Comparator.comparing(NumberRange::first));
        assertThat(ranges.list()).as("seed %d", seed).isEqualTo(entered);
    }

    /** 18 digits and a check digit make the same ICCIDs as 19 digits without. */
    @Test
    void rangesWithAndWithoutCheckDigitDoNotMakeTheSameIccids() {
        ranges.add(new NumberRange("with", NumberKind.ICCID, "o", "890199000000000000", 10, true), TESTER);

        assertThatThrownBy(() -> ranges.add(
                        new NumberRange("without", NumberKind.ICCID, "o", "8901990000000000095", 10, false), TESTER))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("'with'")
                .hasMessageContaining("8901990000000000099");
        ranges.add(new NumberRange("after", NumberKind.ICCID, "o", "8901990000000000100", 10, false), TESTER);
        assertThatThrownBy(() -> ranges.add(
                        new NumberRange("short", NumberKind.ICCID, "o", "890199000000000009", 3, false), TESTER))
                .hasMessageContaining("'with'");
    }
}
