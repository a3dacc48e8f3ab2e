package org.kiln.personalisation.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;

/** Lines that hold codes under a host storage key move with it, and nothing else of them changes. */
@Tag(ScratchDatabase.TAG)
class CardRowBlobsTest {

    private static final String CLEAR =
            "{\"ICCID\":\"1\",\"PUK1\":\"SKH-1:0011223344556677\",\"PUK2\":\"SKH-1:8899AABBCCDDEEFF\"}";

    @TempDir
    private Path folder;

    @Test
    void codesInLinesOfFilesMoveToTheNextVersion() {
        CardRowBlobs blobs = new CardRowBlobs();
        try (Database database = Database.open(ScratchDatabase.in(folder))) {
            database.migrate("auc");
            database.migrate("personalisation");
            database.write(connection -> {
                try (var statement = connection.createStatement()) {
                    statement.executeUpdate("insert into profile (name, version, state, body, created, created_by)"
                            + " values ('p', 1, 'PUBLISHED', '{}', '', '')");
                    statement.executeUpdate("insert into card_order (id, idempotency_key, vendor, state, request,"
                            + " profile_name, profile_version, created, requested_by, changed)"
                            + " values ('o', 'o', 'v', 'READY', '{}', 'p', 1, '', '', '')");
                    for (String partner : List.of("a", "b")) {
                        statement.executeUpdate("insert into delivery (order_id, partner, state, plan, changed)"
                                + " values ('o', '" + partner + "', 'READY', '{}', '')");
                        for (int position = 0; position < 3; position++) {
                            statement.executeUpdate("insert into card_row (order_id, partner, position, row) values"
                                    + " ('o', '" + partner + "', " + position + ", '"
                                    + (partner.equals("a") ? CLEAR : "{\"PUK1\":\"0011\"}") + "')");
                        }
                    }
                    return null;
                }
            });
            assertThat(left(database, blobs, 1)).isEqualTo(3);

            CardRowBlobs.Row last = null;
            int moved = 0;
            for (List<CardRowBlobs.Row> page = page(database, blobs, null); !page.isEmpty(); ) {
                for (CardRowBlobs.Row row : page) {
                    CardRowBlobs.Row after = blobs.moved(row, key -> {
                        assertThat(key.keyLabel()).isEqualTo("SKH-1");
                        return new WrappedKey("SKH-2", key.blob());
                    });
                    assertThat(database.<Boolean>write(connection -> blobs.replace(connection, row, after)))
                            .isTrue();
                    assertThat(database.<Boolean>write(connection -> blobs.replace(connection, row, after)))
                            .as("it is another row by now")
                            .isFalse();
                    last = row;
                    moved++;
                }
                page = page(database, blobs, last);
            }

            assertThat(moved).isEqualTo(3);
            assertThat(left(database, blobs, 1)).isZero();
            assertThat(left(database, blobs, 2)).isEqualTo(3);
            List<CardRowBlobs.Row> first = database.read(connection -> blobs.page(connection, null, 2, 1));
            assertThat(first).extracting(CardRowBlobs.Row::values).containsExactly(CLEAR.replace("SKH-1", "SKH-2"));
        }
    }

    private static long left(Database database, CardRowBlobs blobs, int version) {
        return database.read(connection -> blobs.left(connection, version));
    }

    private static List<CardRowBlobs.Row> page(Database database, CardRowBlobs blobs, CardRowBlobs.Row after) {
        return database.read(connection -> blobs.page(connection, after, 1, 2));
    }
}
