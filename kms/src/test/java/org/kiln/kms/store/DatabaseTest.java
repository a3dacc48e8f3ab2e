package org.kiln.kms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(ScratchDatabase.TAG)
class DatabaseTest {

    private static final int THREADS = 4;

    @TempDir
    Path folder;

    private StoreLocation location;
    private Database database;

    @BeforeEach
    void open() {
        location = ScratchDatabase.in(folder);
        database = Database.open(location);
        database.write(connection -> {
            execute(connection, "create table tally (name varchar(40) not null primary key, count bigint not null)");
            return execute(connection, "insert into tally (name, count) values ('all', 0)");
        });
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static int execute(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return statement.executeUpdate();
        }
    }

    private long count() {
        return database.read(DatabaseTest::count);
    }

    private static long count(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select count from tally where name = 'all'");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void keepsAllOfATransactionOrNothing() {
        assertThatThrownBy(() -> database.write(connection -> {
                    execute(connection, "update tally set count = 7");
                    throw new IllegalStateException("on purpose");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(count()).isZero();
    }

    private static final String ASKED_AGAIN = "select count from tally where name = ?";

    private long askedAgain() {
        return database.query(ASKED_AGAIN, DatabaseTest::countOf);
    }

    private static long countOf(PreparedStatement select) throws SQLException {
        select.setString(1, "all");
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? row.getLong(1) : -1;
        }
    }

    @Test
    void aQueryThatIsAskedAgainSeesWhatWasWrittenSinceAndKeepsNoWriterOut() throws Exception {
        assertThat(askedAgain()).isZero();
        database.write(connection -> execute(connection, "update tally set count = 7"));
        assertThat(askedAgain()).isEqualTo(7);
        together(20, () -> {
            long before = askedAgain();
            int written = database.write(connection -> execute(connection, "update tally set count = count + 1"));
            assertThat(askedAgain()).isGreaterThan(before);
            return written;
        });
        database.write(connection -> execute(connection, "alter table tally add column more bigint"));
        assertThat(askedAgain()).isEqualTo(7 + THREADS * 20);
    }

    @Test
    void aQueryThatFailsIsFollowedByOneThatDoesNot() {
        assertThat(askedAgain()).isZero();
        assertThatThrownBy(() -> database.query(ASKED_AGAIN, select -> {
                    select.setString(1, "all");
                    ResultSet left = select.executeQuery();
                    throw new SQLException("on purpose, with rows left open: " + left.next());
                }))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> database.query(ASKED_AGAIN, select -> {
                    throw new IllegalStateException("on purpose");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> database.query("select no from nothing where name = ?", DatabaseTest::countOf))
                .isInstanceOf(StoreException.class);
        database.write(connection -> execute(connection, "update tally set count = 7"));
        assertThat(askedAgain()).isEqualTo(7);
    }

    @Test
    void losesNoChangeThatIsReadBeforeItIsWritten() throws Exception {
        together(
                40,
                () -> database.write(connection -> {
                    long before = count(connection);
                    return execute(connection, "update tally set count = " + (before + 1));
                }));
        assertThat(count()).isEqualTo(THREADS * 40);
    }

    @Test
    void losesNoChangeOfAStatementThatChecksForItself() throws Exception {
        together(
                40,
                () -> database.writeBeside(
                        connection -> execute(connection, "update tally set count = count + 1 where name = 'all'")));
        assertThat(count()).isEqualTo(THREADS * 40);
    }

    @Test
    void letsTheFirstOfTwoEqualRowsIn() throws Exception {
        together(
                1,
                () -> database.write(connection -> {
                    try (PreparedStatement select =
                                    connection.prepareStatement("select 1 from tally where name = 'one'");
                            ResultSet row = select.executeQuery()) {
                        return row.next()
                                ? 0
                                : execute(connection, "insert into tally (name, count) values ('one', 1)");
                    }
                }));
        assertThat(database.<Integer>read(connection -> {
                    try (ResultSet rows = connection
                            .createStatement()
                            .executeQuery("select count(*) from tally where name = 'one'")) {
                        rows.next();
                        return rows.getInt(1);
                    }
                }))
                .isEqualTo(1);
    }

    @Test
    void scansOneStateWhileOthersWrite() {
        database.write(connection -> {
            for (int i = 0; i < 2500; i++) {
                execute(connection, "insert into tally (name, count) values ('row-" + i + "', 1)");
            }
            return 0;
        });
        int seen = database.scan(connection -> {
            int rows = 0;
            try (PreparedStatement select =
                            connection.prepareStatement("select name from tally where name like 'row-%'");
                    ResultSet names = select.executeQuery()) {
                while (names.next()) {
                    if (rows++ == 0) {
                        database.write(
                                beside -> execute(beside, "insert into tally (name, count) values ('row-x', 1)"));
                    }
                }
            }
            return rows;
        });
        assertThat(seen).isEqualTo(2500);
    }

    @Test
    void tellsNoRowInAnError() {
        assertThatThrownBy(() -> database.write(
                        connection -> execute(connection, "insert into tally (name, count) values ('all', 1)")))
                .isInstanceOf(StoreException.class)
                .hasMessageNotContaining("=(all)");
    }

    @Test
    void bringsTablesUpToDateForManyAtOnce() throws Exception {
        together(1, () -> {
            try (Database another = Database.open(location)) {
                another.migrate("auc");
            }
            return 0;
        });
        database.migrate("auc");
        assertThat(database.<Integer>read(connection -> {
                    try (ResultSet row = connection
                            .createStatement()
                            .executeQuery("select count(*) from storage_key where state = 'CURRENT'")) {
                        row.next();
                        return row.getInt(1);
                    }
                }))
                .isEqualTo(1);
    }

    @Test
    void readsTheDatabasesClock() {
        long now = database.read(connection -> {
            try (ResultSet row = connection.createStatement().executeQuery("select " + database.clockMillis())) {
                row.next();
                return row.getLong(1);
            }
        });
        assertThat(now).isBetween(System.currentTimeMillis() - 3_600_000, System.currentTimeMillis() + 3_600_000);
    }

    private static void together(int times, Callable<Integer> work) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Integer>> all = threads.invokeAll(IntStream.range(0, THREADS)
                    .<Callable<Integer>>mapToObj(thread -> () -> {
                        int sum = 0;
                        for (int i = 0; i < times; i++) {
                            sum += work.call();
                        }
                        return sum;
                    })
                    .toList());
            for (Future<Integer> one : all) {
                one.get();
            }
        }
    }
}
