package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.store.Database;

class ServedVectorsTest {

    @TempDir
    private Path folder;

    @Test
    void eachCallersVectorsAreEnteredOnce() {
        AccessRules rules = new AccessRules(List.of());
        try (Database database = Database.open(folder.resolve("kiln.db"))) {
            database.migrate("auc");
            ServedVectors served = new ServedVectors(rules, database, 3);
            served.enter(Instant.EPOCH);
            rules.laboratory().served(5);
            rules.laboratory().served(2);
            served.enter(Instant.ofEpochSecond(60));
            served.enter(Instant.ofEpochSecond(120));
            rules.laboratory().served(1);
            rules.ofNetworkFunction("somebody").served(4);
            served.enter(Instant.ofEpochSecond(180));
            assertThat(entries(database))
                    .satisfiesExactlyInAnyOrder(
                            first -> assertThat(first)
                                    .isEqualTo(
                                            "1970-01-01T00:01:00Z caller/laboratory 7 at node 3 since the last entry"),
                            second -> assertThat(second)
                                    .isEqualTo(
                                            "1970-01-01T00:03:00Z caller/laboratory 1 at node 3 since the last entry"),
                            third -> assertThat(third)
                                    .isEqualTo(
                                            "1970-01-01T00:03:00Z caller/access-token 4 at node 3 since the last entry"));
        }
    }

    private static List<String> entries(Database database) {
        return database.read(connection -> {
            try (var rows = connection
                    .createStatement()
                    .executeQuery("select at, object, detail from audit_entry where act = 'VECTORS_SERVED'")) {
                List<String> entries = new ArrayList<>();
                while (rows.next()) {
                    entries.add(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
                }
                return entries;
            }
        });
    }
}
