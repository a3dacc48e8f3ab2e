package org.kiln.personalisation.numbering;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.store.StoreLocation;
import org.kiln.personalisation.ScratchCodes;
import org.kiln.personalisation.numbering.NumberBlock.State;

/** Numbers are quarantined in a process that is killed: what the audit log tells of is done, and nothing else. */
@Tag(ScratchDatabase.TAG)
class QuarantineCrashTest {

    private static final NumberRange RANGE =
            new NumberRange("r", NumberKind.IMSI, "laboratory", "001010000000000", 10_000_000, null);

    private static final Pattern PLACES = Pattern.compile("numbers (\\d+) to (\\d+) of the range: (.*)");

    @TempDir
    private Path folder;

    /** Quarantines three numbers of every ten, and releases one of them, until it is killed. */
    static final class Quarantining {

        private Quarantining() {}

        public static void main(String[] store) {
            StoreLocation location = store.length == 1
                    ? new StoreLocation.Sqlite(Path.of(store[0]))
                    : new StoreLocation.PostgreSql(store[0], store[1], Optional.of(store[2]), 4);
            Database database = Database.open(location);
            NumberRanges ranges = ranges(database);
            ranges.add(RANGE, "tester");
            Quarantine quarantine = new Quarantine(database, ranges, InstantSource.system());
            for (int round = 0; ; round++) {
                quarantine.impose("r", number(round * 10), 3, "round " + round, "tester");
                quarantine.release("r", number(round * 10 + 1), 1L, "round " + round, "tester");
                System.out.println("done " + round);
            }
        }
    }

    private static NumberRanges ranges(Database database) {
        return new NumberRanges(database, ScratchCodes.secondPerson(), InstantSource.system());
    }

    private static String number(int offset) {
        return NumberRanges.padded(new BigInteger(RANGE.first()).add(BigInteger.valueOf(offset)), RANGE.digits());
    }

    private Process start(StoreLocation location) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Quarantining.class.getName()));
        switch (location) {
            case StoreLocation.Sqlite sqlite -> command.add(sqlite.file().toString());
            case StoreLocation.PostgreSql server ->
                command.addAll(
                        List.of(server.url(), server.user(), server.password().orElseThrow()));
        }
        return new ProcessBuilder(command)
                .redirectError(folder.resolve("errors").toFile())
                .start();
    }

    private void killAfter(Process process, String word) throws Exception {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); !word.equals(line); line = lines.readLine()) {
            if (line == null) {
                throw new AssertionError("it ended:\n" + Files.readString(folder.resolve("errors")));
            }
        }
        assertThat(process.destroyForcibly().waitFor()).isEqualTo(128 + 9);
    }

    @RepeatedTest(3)
    void whatTheAuditLogTellsOfIsDoneAndNothingElse() throws Exception {
        StoreLocation location = ScratchDatabase.in(folder);
        try (Database database = Database.open(location)) {
            database.migrate("auc");
            database.migrate("personalisation");
        }

        killAfter(start(location), "done 30");

        try (Database database = Database.open(location)) {
            List<NumberBlock> told = new ArrayList<>();
            for (MatchResult places : audited(database, "NUMBERS_QUARANTINED")) {
                told.add(block(places));
            }
            assertThat(told).hasSizeGreaterThan(30);
            for (MatchResult places : audited(database, "NUMBERS_RELEASED")) {
                NumberSpan released = block(places).span();
                NumberBlock whole = told.stream()
                        .filter(each -> each.span().contains(released.first()))
                        .findFirst()
                        .orElseThrow();
                told.remove(whole);
                told.add(whole.part(new NumberSpan(whole.span().first(), released.first())));
                told.add(whole.part(new NumberSpan(released.past(), whole.span().past())));
            }
            told.sort(Comparator.comparing(NumberBlock::first));
            assertThat(new Quarantine(database, ranges(database), InstantSource.system()).page(RANGE, "", 100_000))
                    .isEqualTo(told);
            BigInteger next = new BigInteger(RANGE.first());
            for (NumberBlock block : new NumberBlocks(database).of(RANGE)) {
                assertThat(block.span().first()).isEqualTo(next);
                next = block.span().past();
            }
        }
    }

    private static NumberBlock block(MatchResult places) {
        int first = Integer.parseInt(places.group(1)) - 1;
        int past = Integer.parseInt(places.group(2));
        return new NumberBlock(
                NumberKind.IMSI, number(first), past - first, State.QUARANTINED, NumberBlock.NOBODY, places.group(3));
    }

    private static List<MatchResult> audited(Database database, String act) {
        return database.read(connection -> {
            try (Statement select = connection.createStatement();
                    ResultSet rows = select.executeQuery(
                            "select detail from audit_entry where act = '" + act + "' order by number")) {
                List<MatchResult> places = new ArrayList<>();
                while (rows.next()) {
                    places.addAll(PLACES.matcher(rows.getString(1)).results().toList());
                }
                return places;
            }
        });
    }
}
