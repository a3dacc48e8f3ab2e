package org.kiln.kms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreMeterTest {

    @TempDir
    private Path folder;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private long timed(String kind, String outcome) {
        return meters.get("kiln_store")
                .tag("kind", kind)
                .tag("outcome", outcome)
                .timer()
                .count();
    }

    private static boolean run(Database database, String sql) {
        return database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    @Test
    void workIsTimedByItsKindAndByWhetherItWasDone() {
        try (Database database = Database.open(folder.resolve("kiln.db"))) {
            run(database, "create table unseen (id integer)");
            database.measure(meters);
            run(database, "create table seen (id integer)");
            assertThatThrownBy(() -> run(database, "insert into nowhere values (1)"))
                    .isInstanceOf(StoreException.class);
            database.read(connection -> connection);
            assertThat(timed("write", "ok")).isEqualTo(1);
            assertThat(timed("write", "failed")).isEqualTo(1);
            assertThat(timed("read", "ok")).isEqualTo(1);
            assertThat(timed("scan", "ok")).isZero();
        }
    }
}
