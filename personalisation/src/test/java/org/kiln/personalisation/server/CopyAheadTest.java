package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.copy.TableDigest;
import org.kiln.kms.copy.Tables;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchPostgreSql;
import org.kiln.kms.store.StoreLocation;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.server.KnownCards.Card;

/** {@code kiln store migrate --ahead} beside a node that serves: killed, run again and again, and what others make of it. */
class CopyAheadTest {

    private static final int CARDS = 9;

    /** A lock of the database that a row waits for, so that a copy is caught in its middle. */
    private static final int HELD = 4711;

    private static final Pattern WRITTEN = Pattern.compile("(?m)^([0-9,.]+) rows written$");

    @TempDir
    private Path folder;

    private final StoreLocation.PostgreSql postgreSql =
            ScratchPostgreSql.shared().newDatabase();

    private KilnProcess.Ended migrate(Shop shop, String... more) throws Exception {
        return KilnProcess.run(Map.of(), shop.migration(postgreSql, more));
    }

    private long copyAhead(Shop shop) throws Exception {
        KilnProcess.Ended ended = migrate(shop, "--ahead");
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("copied ahead and compared");
        Matcher written = WRITTEN.matcher(ended.out());
        assertThat(written.find()).as(ended.out()).isTrue();
        return Long.parseLong(written.group(1).replaceAll("[,.]", ""));
    }

    private static void authenticate(List<Card> cards, KilnProcess kiln) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (Card card : cards) {
                card.authenticate(client, kiln.lab(), 3);
            }
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                postgreSql.url(), postgreSql.user(), postgreSql.password().orElseThrow());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void await(Connection connection, String query, long wanted) throws Exception {
        for (int i = 0; number(connection, query) != wanted; i++) {
            assertThat(i).as(query).isLessThan(1200);
            Thread.sleep(50);
        }
    }

    /** Kills the command when it is about to write a row of a table, with other tables written and nothing committed. */
    private void killInTheMiddle(Shop shop, String table) throws Exception {
        try (Connection connection = connect()) {
            execute(connection, """
                    create or replace function hold() returns trigger language plpgsql as $$
                    begin perform pg_advisory_xact_lock_shared(%d); return new; end $$""".formatted(HELD));
            execute(
                    connection,
                    "create trigger hold before insert or update on " + table
                            + " for each row execute function hold()");
            execute(connection, "select pg_advisory_lock(" + HELD + ")");
            Process process = KilnProcess.begin(folder.resolve("migrate.log"), shop.migration(postgreSql, "--ahead"));
            String waiting = "select count(*) from pg_locks where not granted and objid = " + HELD;
            while (number(connection, waiting) == 0) {
                assertThat(process.isAlive())
                        .as(() -> "it ended before a row of " + table + ": " + log())
                        .isTrue();
                Thread.sleep(20);
            }
            assertThat(process.destroyForcibly().waitFor()).isEqualTo(128 + 9);
            execute(connection, "select pg_advisory_unlock(" + HELD + ")");
            await(
                    connection,
                    "select count(*) from pg_stat_activity where datname = current_database()"
                            + " and pid <> pg_backend_pid()",
                    0);
            execute(connection, "drop trigger hold on " + table);
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("migrate.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isMarked() throws SQLException {
        try (Connection connection = connect()) {
            return number(connection, "select count(to_regclass('migration_ahead'))") == 1;
        }
    }

    private static List<TableDigest> digests(StoreLocation location) {
        try (Database database = Database.open(location)) {
            return database.scan(connection -> Tables.of(connection).digests(connection));
        }
    }

    @Test
    void isMadeAnewAfterAKillAndBroughtUpToDateAfterAnother() throws Exception {
        Shop shop = new Shop(folder);
        Path data = Path.of(shop.data());
        Files.writeString(
                data.resolve("pins/store.password"), postgreSql.password().orElseThrow() + "\n");
        List<Card> cards = KnownCards.load(folder, shop.data(), CARDS);
        StoreLocation file = new StoreLocation.Sqlite(data.resolve("kiln.db"));
        try (Database database = Database.open(postgreSql)) {
            database.migrate("auc");
            database.migrate("personalisation");
        }
        try (KilnProcess kiln = shop.up()) {
            authenticate(cards, kiln);
            List<TableDigest> empty = digests(postgreSql);
            killInTheMiddle(shop, "subscriber");
            assertThat(digests(postgreSql)).isEqualTo(empty);
            assertThat(isMarked()).isFalse();

            long all = copyAhead(shop);
            assertThat(isMarked()).isTrue();
            List<TableDigest> first = digests(postgreSql);
            assertThat(first.stream().mapToLong(TableDigest::rows).sum()).isEqualTo(all);

            shop.stock(kiln, "profile-milenage-uicc.yaml");
            killInTheMiddle(shop, "profile");
            assertThat(digests(postgreSql)).isEqualTo(first);
            assertThat(isMarked()).isTrue();

            assertThat(copyAhead(shop)).isPositive().isLessThan(all);
        }
        copyAhead(shop);
        assertThat(digests(postgreSql)).isEqualTo(digests(file));
        assertThat(copyAhead(shop)).isZero();

        otherStoresAreRefused(shop, data.resolve("kiln.db.ahead"));
        nothingServesFromIt(shop, data.resolve("kiln.yaml"));

        KilnProcess.Ended moved = migrate(shop);
        assertThat(moved.exitCode()).as(moved.err()).isZero();
        assertThat(moved.out()).contains("moved and compared");
        assertThat(isMarked()).isFalse();
        assertThat(check(shop).out()).doesNotContain("ERROR store");
        try (KilnProcess kiln = shop.up()) {
            authenticate(cards, kiln);
        }
    }

    private void otherStoresAreRefused(Shop shop, Path mark) throws Exception {
        byte[] own = Files.readAllBytes(mark);
        Files.writeString(mark, "another store's\n");
        List<TableDigest> before = digests(postgreSql);
        for (String[] how : new String[][] {{"--ahead"}, {}}) {
            KilnProcess.Ended refused = migrate(shop, how);
            assertThat(refused.exitCode()).isNotZero();
            assertThat(refused.err())
                    .contains("it holds a copy made ahead of another store")
                    .contains("name an empty one");
        }
        assertThat(digests(postgreSql)).isEqualTo(before);
        Files.write(mark, own);
    }

    private static KilnProcess.Ended check(Shop shop) throws Exception {
        return KilnProcess.run(Map.of(), "config", "check", "--data", shop.data());
    }

    /** As if somebody had pointed the node at it before the move was complete. */
    private void nothingServesFromIt(Shop shop, Path yaml) throws Exception {
        Files.writeString(
                yaml,
                "\nstore: {url: \"%s\", user: \"%s\", passwordFile: \"pins/store.password\", connections: 8}\n"
                        .formatted(postgreSql.url(), postgreSql.user()),
                StandardOpenOption.APPEND);
        KilnProcess.Ended up = KilnProcess.run(Map.of(), "up", "--data", shop.data(), "--port", "0");
        assertThat(up.exitCode()).isNotZero();
        assertThat(up.out()).doesNotContain("kiln ready");
        assertThat(up.err())
                .contains("holds a copy made ahead of a move, in which sequence numbers are old")
                .contains("complete the move with 'kiln store migrate', without --ahead");

        KilnProcess.Ended check = check(shop);
        assertThat(check.exitCode()).isNotZero();
        assertThat(check.out())
                .contains("ERROR store: the database " + postgreSql.name() + " holds a copy made ahead of a move")
                .contains("complete the move with 'kiln store migrate', without --ahead");
        assertThat(migrate(shop, "--ahead").err()).contains("complete the move without --ahead");
    }
}
