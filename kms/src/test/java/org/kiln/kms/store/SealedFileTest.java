package org.kiln.kms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.PreparedStatement;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database file that something has happened to since it was closed is not opened. */
class SealedFileTest {

    @TempDir
    private Path folder;

    private Path file;
    private Path seal;

    @BeforeEach
    void fill() {
        file = folder.resolve("kiln.db");
        seal = folder.resolve("kiln.db.seal");
        try (Database database = Database.open(file)) {
            database.write(connection -> {
                connection.createStatement().execute("create table content (number integer primary key, text text)");
                try (PreparedStatement insert =
                        connection.prepareStatement("insert into content (number, text) values (?, ?)")) {
                    for (int i = 0; i < 20_000; i++) {
                        insert.setInt(1, i);
                        insert.setString(2, "row " + i + " " + "x".repeat(60));
                        insert.addBatch();
                    }
                    return insert.executeBatch().length;
                }
            });
        }
    }

    private long rows() {
        try (Database database = Database.open(file)) {
            return database.read(connection -> {
                var row = connection.createStatement().executeQuery("select count(*) from content");
                row.next();
                return row.getLong(1);
            });
        }
    }

    private void flip(long at) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[(int) at] ^= 1;
        Files.write(file, content);
    }

    @Test
    void isSealedWhenItIsClosedAndNotWhileItIsOpen() {
        assertThat(seal).exists();
        try (Database database = Database.open(file)) {
            assertThat(seal).doesNotExist();
            try (Database again = Database.open(file)) {
                assertThat(again.location()).isEqualTo(database.location());
            }
            assertThat(seal).doesNotExist();
        }
        assertThat(seal).exists();
        assertThat(rows()).isEqualTo(20_000);
    }

    @Test
    void isRefusedWithOneBitAnywhereFlipped() throws IOException {
        long seed = Long.getLong("kiln.seed", System.nanoTime());
        System.out.println("SealedFileTest: -Dkiln.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            long at = random.nextLong(Files.size(file));
            flip(at);
            assertThatThrownBy(() -> Database.open(file))
                    .isInstanceOf(StoreDamagedException.class)
                    .hasMessageContaining("octets " + (at >> 20 << 20) + " to ")
                    .hasMessageContaining("kiln restore");
            flip(at);
        }
        assertThat(rows()).isEqualTo(20_000);
    }

    @Test
    void isRefusedCutShortOrReplaced() throws IOException {
        Path older = Files.copy(file, folder.resolve("older"));
        try (Database database = Database.open(file)) {
            database.write(connection ->
                    connection.createStatement().executeUpdate("update content set text = '' where number = 7"));
        }
        Path newer = Files.copy(file, folder.resolve("newer"));
        Files.copy(older, file, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> Database.open(file)).isInstanceOf(StoreDamagedException.class);

        Files.copy(newer, file, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 4096);
        }
        assertThatThrownBy(() -> Database.open(file))
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining("octets long when it was last closed");
    }

    @Test
    void isLookedThroughWhereACrashLeftNoSeal() throws IOException {
        Files.delete(seal);
        assertThat(rows()).isEqualTo(20_000);

        Files.delete(seal);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2 / 4096 * 4096);
        }
        assertThatThrownBy(() -> Database.open(file)).isInstanceOf(StoreDamagedException.class);
        assertThatThrownBy(() -> Database.open(file)).isInstanceOf(StoreDamagedException.class);
    }

    @Test
    void isKeptFromOthersByWhoWantsItAlone() {
        StoreLocation.Sqlite location = new StoreLocation.Sqlite(file);
        try (Database database = Database.openAlone(location)) {
            assertThatThrownBy(() -> Database.open(file)).hasMessageContaining("open; stop it first");
            assertThat(database.location()).isEqualTo(location);
        }
        try (Database database = Database.open(file)) {
            assertThatThrownBy(() -> Database.openAlone(location)).hasMessageContaining("open; stop it first");
            assertThat(database.location()).isEqualTo(location);
        }
        assertThat(seal).exists();
    }
}
