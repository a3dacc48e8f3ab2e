package org.kiln.kms.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
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
}
