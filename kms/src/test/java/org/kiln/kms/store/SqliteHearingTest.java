package org.kiln.kms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Announcements name subscribers; who was removed is not to be found in them for long. */
class SqliteHearingTest {

    private static final String CHANNEL = "tests";
    private static final int KEPT = 10_000;

    @TempDir
    Path folder;

    private static boolean announce(Database database, String what) {
        return database.write(connection -> {
            database.announce(connection, CHANNEL, what);
            return true;
        });
    }

    private static void age(Database database) {
        database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement("update announcement set at = at - 61")) {
                return update.executeUpdate();
            }
        });
    }

    private Hearing hear() throws SQLException {
        return SqliteHearing.begin(DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("kiln.db")), CHANNEL);
    }

    private static List<String> rows(Database database) {
        return database.read(connection -> {
            try (PreparedStatement select =
                            connection.prepareStatement("select coalesce(group_concat(what), '') from announcement");
                    ResultSet row = select.executeQuery()) {
                row.next();
                return row.getString(1).isEmpty()
                        ? List.of()
                        : List.of(row.getString(1).split(",", -1));
            }
        });
    }

    @Test
    void whatIsOlderThanAMinuteGoesWithTheNextAnnouncementAndWhenSomebodyBeginsToListen() {
        try (Database database = Database.open(folder.resolve("kiln.db"))) {
            database.migrate("auc");
            announce(database, "first");
            announce(database, "second");
            assertThat(rows(database)).containsExactly("first", "second");
            age(database);
            announce(database, "third");
            assertThat(rows(database)).containsExactly("third");
            age(database);
            try (ChangeFeed feed = database.feed(CHANNEL, what -> {}, () -> {})) {
                while (!feed.isLive()) {
                    Thread.onSpinWait();
                }
                assertThat(rows(database)).isEmpty();
            }
        }
    }

    @Test
    void whoSleepsWhileAnnouncementsGoIsToldSo() throws SQLException {
        try (Database database = Database.open(folder.resolve("kiln.db"))) {
            database.migrate("auc");
            try (Hearing sleeper = hear();
                    Hearing half = hear()) {
                announce(database, "first");
                assertThat(half.next()).containsExactly("first");
                age(database);
                hear().close();
                assertThat(rows(database)).isEmpty();
                assertThatThrownBy(sleeper::next).isInstanceOf(SQLException.class);
                assertThat(half.next()).isEmpty();
            }
        }
    }

    @Test
    void whoIsToldMoreThanIsKeptIsToldSo() throws SQLException {
        try (Database database = Database.open(folder.resolve("kiln.db"))) {
            database.migrate("auc");
            try (Hearing hearing = hear()) {
                database.write(connection -> {
                    for (int i = 0; i <= KEPT; i++) {
                        database.announce(connection, CHANNEL, Integer.toString(i));
                    }
                    return true;
                });
                assertThat(rows(database)).hasSize(KEPT).doesNotContain("0");
                assertThatThrownBy(hearing::next).isInstanceOf(SQLException.class);
            }
        }
    }
}
