package org.kiln.personalisation.numbering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.personalisation.ScratchCodes;
import org.kiln.personalisation.Seeds;
import org.kiln.personalisation.numbering.NumberBlock.State;

/** Numbers that are quarantined and released by hand, on a database as nodes have it. */
@Tag(ScratchDatabase.TAG)
class QuarantineTest {

    private static final String TESTER = "tester";
    private static final String WHY = "tried out";
    private static final int SIZE = 60;

    /** Ends with the last number of its digits, and has another range before it. */
    private static final NumberRange RANGE =
            new NumberRange("r", NumberKind.IMSI, "laboratory", "999999999999940", SIZE, null);

    private static final NumberRange BEFORE =
            new NumberRange("before", NumberKind.IMSI, "laboratory", "999999999999930", 10, null);

    @TempDir
    private Path folder;

    private Database database;
    private NumberBlocks blocks;
    private Quarantine quarantine;

    @BeforeEach
    void open() {
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        database.migrate("personalisation");
        NumberRanges ranges = new NumberRanges(database, ScratchCodes.secondPerson(), InstantSource.system());
        ranges.add(BEFORE, TESTER);
        ranges.add(RANGE, TESTER);
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

    private static String number(int offset) {
        return new BigInteger(RANGE.first()).add(BigInteger.valueOf(offset)).toString();
    }

    private static int offset(String number) {
        return new BigInteger(number).subtract(new BigInteger(RANGE.first())).intValueExact();
    }

    private String take(int quantity, String order) {
        return database.write(connection -> NumberBlocks.take(connection, RANGE, quantity, order));
    }

    private void cancel(String order) {
        database.write(connection -> {
            NumberBlocks.quarantine(connection, order, WHY);
            return order;
        });
    }

    private List<NumberBlock> impose(int offset, int count) {
        return quarantine.impose("r", number(offset), count, WHY, TESTER);
    }

    private List<NumberBlock> release(int offset, int count) {
        return quarantine.release("r", number(offset), (long) count, WHY, TESTER);
    }

    private static NumberBlock block(int offset, long count, State state, String order) {
        return new NumberBlock(
                NumberKind.IMSI, number(offset), count, state, order, state == State.QUARANTINED ? WHY : null);
    }

    @Test
    void neighboursWithReasonsOfTheirOwnStayApartAndTheLastReasonIsTold() {
        quarantine.impose("r", number(0), 4, "a lost batch", TESTER);
        quarantine.impose("r", number(4), 4, "a lost van", TESTER);
        assertThat(reasons()).containsExactly("0+4 a lost batch", "4+4 a lost van");
        quarantine.impose("r", number(2), 4, "shredded", TESTER);
        assertThat(reasons()).containsExactly("0+2 a lost batch", "2+4 shredded", "6+2 a lost van");
        release(1, 6);
        assertThat(reasons()).containsExactly("0+1 a lost batch", "7+1 a lost van");
        assertThat(blocks.of(RANGE))
                .filteredOn(block -> block.state() == State.RELEASED)
                .extracting(NumberBlock::reason)
                .containsOnlyNulls();
    }

    private List<String> reasons() {
        return quarantine.page(RANGE, "", SIZE).stream()
                .map(block -> offset(block.first()) + "+" + block.count() + " " + block.reason())
                .toList();
    }

    /** Each number as {@code state/order}; what stands in no block as empty text. */
    private String[] numbers() {
        String[] numbers = new String[SIZE];
        Arrays.fill(numbers, "");
        for (NumberBlock block : blocks.of(RANGE)) {
            for (int i = 0; i < block.count(); i++) {
                int at = offset(block.first()) + i;
                assertThat(numbers[at]).isEmpty();
                numbers[at] = block.state() + "/" + block.orderId();
            }
        }
        return numbers;
    }

    @Test
    void whatIsQuarantinedIsPassedOverAndWhatLiesBeforeItIsNot() {
        assertThat(take(5, "a")).isEqualTo(number(0));
        assertThat(impose(20, 10)).containsExactly(block(20, 10, State.QUARANTINED, NumberBlock.NOBODY));

        assertThat(take(10, "b")).isEqualTo(number(5));
        assertThat(take(10, "c")).isEqualTo(number(30));
        assertThat(take(5, "d")).isEqualTo(number(15));
        assertThat(release(20, 10)).containsExactly(block(20, 10, State.RELEASED, NumberBlock.NOBODY));
        assertThat(take(10, "e")).isEqualTo(number(20));
        assertThat(take(20, "f")).isEqualTo(number(40));
        assertThatThrownBy(() -> take(1, "g")).hasMessageContaining("has 0 numbers left");
    }

    @Test
    void numbersInUseAreRefusedWithTheOrdersName() {
        take(5, "a");
        take(5, "b");
        List<NumberBlock> before = blocks.of(RANGE);

        assertThatThrownBy(() -> impose(8, 10))
                .isInstanceOf(RangeException.InUse.class)
                .hasMessageStartingWith(
                        "numbers 9 to 10 of range 'r', counted from 1, are in use by order or identity b;");
        assertThat(blocks.of(RANGE)).isEqualTo(before);

        cancel("b");
        assertThat(impose(8, 10))
                .containsExactly(
                        block(8, 2, State.QUARANTINED, "b"), block(10, 8, State.QUARANTINED, NumberBlock.NOBODY));
    }

    @Test
    void someOfACancelledOrdersNumbersAreReleasedAndTakenInAgain() {
        take(10, "a");
        cancel("a");
        List<NumberBlock> before = blocks.of(RANGE);

        assertThat(release(3, 4)).containsExactly(block(3, 4, State.RELEASED, "a"));
        assertThat(quarantine.page(RANGE, "", 10))
                .containsExactly(block(0, 3, State.QUARANTINED, "a"), block(7, 3, State.QUARANTINED, "a"));
        impose(3, 4);
        assertThat(blocks.of(RANGE)).isEqualTo(before);

        assertThat(quarantine.release("r", number(6), null, WHY, TESTER))
                .containsExactly(block(6, 4, State.RELEASED, "a"));
        assertThat(take(4, "b")).isEqualTo(number(6));
    }

    @Test
    void whatIsNotQuarantinedIsNotReleased() {
        impose(10, 10);
        List<NumberBlock> before = blocks.of(RANGE);
        assertThatThrownBy(() -> release(5, 10))
                .isInstanceOf(RangeException.class)
                .hasMessage("numbers 6 to 15 of range 'r', counted from 1, are not all quarantined; 'kiln numbers"
                        + " quarantined r' lists what is");
        assertThatThrownBy(() -> release(15, 10)).hasMessageContaining("numbers 21 to 25 of range");
        assertThatThrownBy(() -> quarantine.release("r", number(40), null, WHY, TESTER))
                .hasMessageContaining("numbers 41 to 41 of range");
        assertThat(blocks.of(RANGE)).isEqualTo(before);
    }

    @Test
    void numbersThatAreNotOfTheRangeAreRefused() {
        String rule = "range 'r' has not all of these numbers; its own are 60 from 999999999999940 on";
        assertThatThrownBy(() -> impose(55, 6)).hasMessage(rule);
        assertThatThrownBy(() -> impose(-1, 2)).hasMessage(rule);
        assertThatThrownBy(() -> impose(0, 0)).hasMessage(rule);
        assertThatThrownBy(() -> quarantine.impose("r", "99999999999994", 1, WHY, TESTER))
                .hasMessageContaining("have 15 digits, without check digits");
        assertThatThrownBy(() -> quarantine.impose("none", number(0), 1, WHY, TESTER))
                .hasMessageContaining("there is no number range 'none'");
        assertThat(blocks.of(RANGE)).isEmpty();
        assertThat(impose(55, 5)).containsExactly(block(55, 5, State.QUARANTINED, NumberBlock.NOBODY));
        assertThatThrownBy(() -> take(56, "a")).hasMessageContaining("has 0 numbers left");
        assertThat(take(55, "b")).isEqualTo(number(0));
    }

    /** Else a block would begin in one range and end in the other, and the one would give the other's numbers. */
    @Test
    void neighboursOfTwoRangesStayTwo() {
        quarantine.impose("before", BEFORE.first(), 10, WHY, TESTER);
        impose(0, 10);
        quarantine.release("before", BEFORE.first(), null, WHY, TESTER);
        release(0, 10);

        assertThat(blocks.of(RANGE)).containsExactly(block(0, 10, State.RELEASED, NumberBlock.NOBODY));
        assertThat(take(11, "a")).isEqualTo(number(10));
        assertThat(take(10, "b")).isEqualTo(number(0));
    }

    @Test
    void listsAPageAfterTheOther() {
        IntStream.range(0, 7).forEach(i -> impose(i * 5, 2));
        List<NumberBlock> all = quarantine.page(RANGE, "", 100);
        assertThat(all.stream().map(NumberBlock::first))
                .containsExactlyElementsOf(
                        IntStream.range(0, 7).mapToObj(i -> number(i * 5)).toList());

        List<NumberBlock> paged = new ArrayList<>();
        String after = "";
        for (List<NumberBlock> page = quarantine.page(RANGE, after, 3);
                !page.isEmpty();
                page = quarantine.page(RANGE, after, 3)) {
            paged.addAll(page);
            after = page.getLast().first();
        }
        assertThat(paged).isEqualTo(all);
    }

    @Test
    void theAuditLogHasWhoAndWhyAndNoNumber() {
        quarantine.impose("r", number(10), 5, "a lost batch", "maria");
        quarantine.release("r", number(12), 2L, "found it", "otto");
        assertThatThrownBy(() -> release(0, 1)).isInstanceOf(RangeException.class);

        assertThat(audited())
                .containsExactly(
                        "maria NUMBERS_QUARANTINED number-range/r numbers 11 to 15 of the range: a lost batch",
                        "otto NUMBERS_RELEASED number-range/r numbers 13 to 14 of the range: found it");
    }

    private List<String> audited() {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                            "select actor, act, object, detail from audit_entry where act like 'NUMBERS_%'"
                                    + " order by number");
                    ResultSet rows = select.executeQuery()) {
                List<String> entries = new ArrayList<>();
                while (rows.next()) {
                    entries.add(String.join(
                            " ", rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4)));
                }
                return entries;
            }
        });
    }

    /** Against a list that has each number on its own. */
    @ParameterizedTest
    @MethodSource("seeds")
    void whateverIsDoneEachNumberIsWhereItWasPut(long seed) {
        Random random = Seeds.random(seed);
        String[] model = new String[SIZE];
        Arrays.fill(model, "");
        for (int step = 0; step < 60; step++) {
            int from = random.nextInt(SIZE);
            int count = 1 + random.nextInt(Math.min(12, SIZE - from));
            List<String> span = List.of(model).subList(from, from + count);
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (span.stream().anyMatch(each -> each.startsWith("TAKEN"))) {
                        assertThatThrownBy(() -> impose(from, count))
                                .as("seed %d", seed)
                                .isInstanceOf(RangeException.InUse.class);
                    } else {
                        impose(from, count);
                        fill(model, from, count, "QUARANTINED");
                        int next = from;
                        while (next > 0 && model[next - 1].isEmpty()) {
                            model[--next] = "RELEASED/";
                        }
                    }
                }
                case 1 -> {
                    if (span.stream().allMatch(each -> each.startsWith("QUARANTINED"))) {
                        release(from, count);
                        fill(model, from, count, "RELEASED");
                    } else {
                        assertThatThrownBy(() -> release(from, count))
                                .as("seed %d", seed)
                                .hasMessageContaining("are not all quarantined");
                    }
                }
                case 2 -> {
                    String order = "order-" + random.nextInt(step + 1);
                    cancel(order);
                    for (int i = 0; i < SIZE; i++) {
                        model[i] = model[i].equals("TAKEN/" + order) ? "QUARANTINED/" + order : model[i];
                    }
                }
                default -> taken(model, count, "order-" + step, seed);
            }
            assertThat(numbers()).as("seed %d, step %d", seed, step).isEqualTo(model);
        }
    }

    private static void fill(String[] model, int from, int count, String state) {
        for (int i = from; i < from + count; i++) {
            model[i] = state + "/" + (model[i].isEmpty() ? "" : model[i].split("/", 2)[1]);
        }
    }

    private void taken(String[] model, int quantity, String order, long seed) {
        try {
            int first = offset(take(quantity, order));
            for (int i = first; i < first + quantity; i++) {
                assertThat(model[i])
                        .as("seed %d, number %d", seed, i)
                        .matches(each -> each.isEmpty() || each.startsWith("RELEASED"), "may be given");
                model[i] = "TAKEN/" + order;
            }
        } catch (RangeException e) {
            assertThat(e).as("seed %d", seed).hasMessageContaining("numbers left");
        }
    }

    /** What was put in quarantine before an order asked, or while it did, it does not get; and not all is either's. */
    @ParameterizedTest
    @MethodSource("seeds")
    void noOrderGetsWhatSomebodyQuarantines(long seed) throws Exception {
        int threads = 6;
        Random random = Seeds.random(seed);
        CyclicBarrier together = new CyclicBarrier(threads);
        List<Callable<List<String>>> people = new ArrayList<>();
        for (int person = 0; person < threads; person++) {
            long own = random.nextLong();
            int number = person;
            people.add(() -> {
                Random choices = new Random(own);
                together.await();
                return number % 2 == 0 ? ordering(number, choices) : quarantining(choices);
            });
        }
        List<String> taken = new ArrayList<>();
        List<String> quarantined = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<List<String>>> done = executor.invokeAll(people);
            for (int person = 0; person < threads; person++) {
                (person % 2 == 0 ? taken : quarantined).addAll(done.get(person).get());
            }
        }

        assertThat(taken)
                .as("seed %d", seed)
                .isNotEmpty()
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(quarantined);
        assertThat(quarantined).as("seed %d", seed).isNotEmpty();
        String[] numbers = numbers();
        assertThat(taken).as("seed %d", seed).allMatch(each -> numbers[offset(each)].startsWith("TAKEN/"));
        assertThat(quarantined).as("seed %d", seed).allMatch(each -> numbers[offset(each)].equals("QUARANTINED/"));
    }

    private List<String> ordering(int person, Random choices) {
        List<String> taken = new ArrayList<>();
        for (int order = 0; order < 5; order++) {
            int quantity = 1 + choices.nextInt(3);
            try {
                int first = offset(take(quantity, person + "-" + order));
                IntStream.range(first, first + quantity).forEach(each -> taken.add(number(each)));
            } catch (RangeException e) {
                assertThat(e).hasMessageContaining("numbers left");
            }
        }
        return taken;
    }

    /** Numbers that nobody has, as far as this one can see, and that orders are about to get. */
    private List<String> quarantining(Random choices) {
        List<String> quarantined = new ArrayList<>();
        for (int round = 0; round < 40 && quarantined.size() < 6; round++) {
            String[] seen = numbers();
            int[] free = IntStream.range(0, SIZE)
                    .filter(i -> seen[i].isEmpty() || seen[i].startsWith("RELEASED"))
                    .limit(8)
                    .toArray();
            if (free.length == 0) {
                break;
            }
            int from = free[choices.nextInt(free.length)];
            int count = 1 + choices.nextInt(Math.min(3, SIZE - from));
            try {
                impose(from, count);
                IntStream.range(from, from + count).forEach(each -> quarantined.add(number(each)));
            } catch (RangeException.InUse e) {
                assertThat(e).hasMessageMatching(".* are in use by order or identity \\d-\\d; .*");
            }
        }
        return quarantined;
    }
}
