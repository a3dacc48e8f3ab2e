package org.kiln.kms.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchPostgreSql;

/** A database goes from SQLite to PostgreSQL and back, and holds the same in the end. */
class StoreCopyTest {

    private static final int ROWS = 1_700;

    @TempDir
    private Path folder;

    private static void fill(Connection connection, Random random) throws SQLException {
        try (PreparedStatement subscriber = connection.prepareStatement(
                        "insert into subscriber (supi, algorithm, ki_key, ki_blob, opc_key, opc_blob, amf, ind_length,"
                                + " sqn_value, mac) values (?, 'milenage', 'SK-1', ?, 'SKH-1', ?, 32768, 5, ?, ?)");
                PreparedStatement event = connection.prepareStatement(
                        "insert into auth_event (supi, serving_network, id, nf_instance, success, auth_type, happened_at)"
                                + " values (?, ?, 'é', '', ?, '', '')")) {
            for (int i = 0; i < ROWS; i++) {
                byte[] blob = new byte[random.nextInt(40)];
                random.nextBytes(blob);
                subscriber.setString(1, "imsi-" + i);
                subscriber.setBytes(2, blob);
                subscriber.setBytes(3, blob);
                subscriber.setLong(4, random.nextLong());
                subscriber.setBytes(5, blob);
                subscriber.addBatch();
                event.setString(1, "imsi-" + i);
                event.setString(2, "network " + random.nextInt(100));
                event.setBoolean(3, random.nextBoolean());
                event.addBatch();
            }
            subscriber.executeBatch();
            event.executeBatch();
        }
    }

    private Database database(String name) {
        return migrated(Database.open(folder.resolve(name)));
    }

    private static Database migrated(Database database) {
        database.migrate("auc");
        return database;
    }

    private static List<TableDigest> copy(Database from, Database to) {
        return from.scan(source -> to.load(target -> StoreCopy.run(source, target, rows -> {})));
    }

    private static List<TableDigest> digests(Database database) {
        return database.scan(connection -> Tables.of(connection).digests(connection));
    }

    @Test
    void bothEnginesComeToTheSameDigests() {
        try (Database sqlite = database("a.db");
                Database postgreSql =
                        migrated(Database.open(ScratchPostgreSql.shared().newDatabase()));
                Database back = database("b.db")) {
            sqlite.write(connection -> {
                fill(connection, new Random(7));
                return true;
            });
            List<TableDigest> first = copy(sqlite, postgreSql);
            assertThat(first).isEqualTo(digests(sqlite)).isEqualTo(digests(postgreSql));
            assertThat(first).anyMatch(table -> table.table().equals("auth_event") && table.rows() == ROWS);
            assertThat(copy(postgreSql, back)).isEqualTo(first).isEqualTo(digests(back));

            back.write(connection -> connection
                    .createStatement()
                    .executeUpdate("update subscriber set sqn_value = sqn_value + 1 where supi = 'imsi-9'"));
            assertThat(StoreCopy.difference(first, digests(back))).isEqualTo("rows of table subscriber differ");
            back.write(connection ->
                    connection.createStatement().executeUpdate("delete from auth_event where supi = 'imsi-3'"));
            assertThat(StoreCopy.difference(first, digests(back)))
                    .isEqualTo("table auth_event has " + (ROWS - 1) + " rows in the place of " + ROWS);
        }
    }

    @Test
    void releasesThatDifferAreNotMixed() {
        try (Database from = database("a.db");
                Database to = database("b.db")) {
            from.write(
                    connection -> connection.createStatement().execute("alter table suci_key add column more integer"));
            assertThatThrownBy(() -> copy(from, to))
                    .isInstanceOf(CopyException.class)
                    .hasMessageContaining("same table suci_key");
            boolean isNew = to.scan(connection -> Tables.of(connection).areNew(connection));
            assertThat(isNew).isTrue();
        }
    }

    private static void run(Database database, String... statements) {
        database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.executeUpdate(sql);
                }
            }
            return true;
        });
    }

    private static String subscriber(String supi) {
        return "insert into subscriber (supi, algorithm, ki_key, ki_blob, opc_key, opc_blob, amf, ind_length, sqn_value, mac)"
                + " select '" + supi
                + "', algorithm, ki_key, ki_blob, opc_key, opc_blob, amf, ind_length, sqn_value, mac"
                + " from subscriber where supi = 'imsi-1'";
    }

    private static String event(String supi, String network) {
        return "insert into auth_event (supi, serving_network, id, nf_instance, success, auth_type, happened_at)"
                + " select '" + supi + "', '" + network + "', id, nf_instance, success, auth_type, happened_at"
                + " from auth_event where supi = 'imsi-2'";
    }

    private static String load(int id, String sha256) {
        return "insert into subscriber_load (id, sha256, name, skips_bad, file_rows, passed, state, released, released_to,"
                + " begun_at) values (" + id + ", '" + sha256 + "', '', 0, 1, 1, 'STAGING', 0, '', '')";
    }

    private static StoreCopy.Update update(Database from, Database to) {
        return from.scan(source -> to.load(target -> StoreCopy.update(source, target, rows -> {})));
    }

    private void writesWhatDiffersTo(Database to) {
        try (Database from = database("from.db")) {
            from.write(connection -> {
                fill(connection, new Random(8));
                return true;
            });
            // In UTF-16 the second comes before the first.
            run(from, event("imsi-1", "\uff5e"), event("imsi-1", "\ud83d\ude00"), load(1, "a"));
            run(from, "insert into subscriber_load_refusal (load_id, line, message) values (1, 2, 'no key')");
            copy(from, to);
            assertThat(update(from, to).written())
                    .as("rows of the table without a key")
                    .isOne();

            run(
                    from,
                    "update subscriber set sqn_value = 7 where supi = 'imsi-9'",
                    "update subscriber set mac = x'00ff', ki_blob = x'' where supi = 'imsi-11'",
                    "update storage_key set retired = 'now' where version = 1",
                    "delete from subscriber where supi in ('imsi-3', 'imsi-1699')",
                    subscriber("imsi-0a"),
                    subscriber("imsi-zz"),
                    event("imsi-zz", "first"),
                    event("imsi-zz", "\ud83d\ude01"),
                    "delete from auth_event where supi = 'imsi-1' and serving_network = '\uff5e'",
                    "update auth_event set success = not success where supi = 'imsi-5'",
                    "insert into sqn_ceiling (node, tenths) values (3, 33)",
                    "delete from subscriber_load_refusal",
                    "delete from subscriber_load");
            // What the source never had is removed.
            run(
                    to,
                    subscriber("imsi-!"),
                    event("imsi-!", "x"),
                    "insert into sqn_ceiling (node, tenths) values (9, 99)");
            StoreCopy.Update update = update(from, to);
            assertThat(update.tables()).isEqualTo(digests(from)).isEqualTo(digests(to));
            int changed = 3 + 1;
            int inserted = 2 + 2 + 1;
            int removed = (2 + 2) + 1 + 1 + (1 + 1 + 1);
            assertThat(update.written()).isEqualTo(changed + inserted + removed);

            run(from, "update storage_key set retired = null where version = 1");
            assertThat(update(from, to).written()).isOne();
            assertThat(digests(to)).isEqualTo(digests(from));
        }
    }

    @Test
    void onlyRowsThatDifferAreWrittenToPostgreSql() {
        try (Database to = migrated(Database.open(ScratchPostgreSql.shared().newDatabase()))) {
            writesWhatDiffersTo(to);
        }
    }

    @Test
    void onlyRowsThatDifferAreWrittenToSqlite() {
        try (Database to = database("to.db")) {
            writesWhatDiffersTo(to);
        }
    }

    @Test
    void changesThatCrossAreMadeAllTheSame() {
        try (Database from = database("from.db");
                Database to = migrated(Database.open(ScratchPostgreSql.shared().newDatabase()))) {
            run(from, load(1, "a"), load(2, "b"));
            copy(from, to);
            run(
                    from,
                    "update subscriber_load set sha256 = 'c' where id = 1",
                    "update subscriber_load set sha256 = 'a' where id = 2",
                    "update subscriber_load set sha256 = 'b' where id = 1");
            assertThat(update(from, to).tables()).isEqualTo(digests(from)).isEqualTo(digests(to));
        }
    }
}
