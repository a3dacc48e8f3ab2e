package org.kiln.kms.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.kiln.kms.copy.StoreCopy;
import org.kiln.kms.copy.TableDigest;
import org.kiln.kms.copy.Tables;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.StoreLocation;

/**
 * A backup: a folder with all that a store held at one time, as an SQLite file whichever engine the store is of, and a manifest.
 * Keys in it are wrapped, as they are in the store; the keys they are wrapped under are not in it.
 */
public record StoreBackup(Path folder, Manifest manifest) {

    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /**
     * What stands in {@code backup.json}.
     *
     * @param made before the first row was read; ISO 8601
     * @param engine of the store: {@code sqlite} or {@code postgresql}
     * @param storageKeys versions of the storage keys that a token must hold to use it
     * @param tables those that are not empty
     */
    public record Manifest(
            int format, String made, String engine, List<Integer> storageKeys, List<TableDigest> tables) {

        public Manifest {
            storageKeys = List.copyOf(storageKeys);
            tables = List.copyOf(tables);
        }

        Instant at() {
            return Instant.parse(made);
        }

        /** Rows of all tables. */
        public long rows() {
            return tables.stream().mapToLong(TableDigest::rows).sum();
        }

        /** Rows of one table. */
        public long rows(String table) {
            return tables.stream()
                    .filter(each -> each.table().equals(table))
                    .mapToLong(TableDigest::rows)
                    .sum();
        }
    }

    /**
     * Backs a store up, beside whoever is served from it.
     *
     * @param folder made by this; there is none of that name until it is whole
     * @param rooms whose tables make up the store
     * @param live versions of the storage keys that are in use
     * @param copied told how many rows are copied so far
     */
    public static StoreBackup make(
            Database store, Path folder, List<String> rooms, List<Integer> live, LongConsumer copied) {
        if (Files.exists(folder)) {
            throw new ConfigurationException(folder + " exists; name a new folder for the backup");
        }
        Path part = folder.resolveSibling(folder.getFileName() + ".part");
        try {
            clear(part);
            Path place = Objects.requireNonNull(folder.toAbsolutePath().getParent());
            Files.createDirectories(place);
            Files.createDirectory(
                    part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            String made = Instant.now().toString();
            List<TableDigest> tables;
            try (Database copy = Database.open(new StoreLocation.Sqlite(database(part)))) {
                rooms.forEach(copy::migrate);
                tables = store.scan(from -> copy.load(to -> StoreCopy.run(from, to, copied)));
            }
            String engine = store.location() instanceof StoreLocation.Sqlite ? "sqlite" : "postgresql";
            Manifest manifest = new Manifest(FORMAT, made, engine, live, tables);
            JSON.writeValue(manifest(part).toFile(), manifest);
            sync(manifest(part));
            sync(database(part));
            Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
            sync(place);
            return new StoreBackup(folder, manifest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void clear(Path part) throws IOException {
        if (Files.exists(part)) {
            try (Stream<Path> left = Files.list(part)) {
                for (Path file : left.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(part);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path database(Path folder) {
        return folder.resolve("store.db");
    }

    private static Path manifest(Path folder) {
        return folder.resolve("backup.json");
    }

    /**
     * Reads a backup's manifest.
     *
     * @throws ConfigurationException if {@code folder} holds no backup
     */
    public static StoreBackup read(Path folder) {
        try {
            Manifest manifest = JSON.readValue(Files.readString(manifest(folder)), Manifest.class);
            if (manifest.format() != FORMAT) {
                throw new ConfigurationException(
                        manifest(folder) + " is of format " + manifest.format() + ", which this release does not read");
            }
            return new StoreBackup(folder, manifest);
        } catch (JsonProcessingException e) {
            throw new ConfigurationException(manifest(folder) + " is no manifest: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ConfigurationException(folder + " holds no backup: " + e.getMessage(), e);
        }
    }

    /**
     * Opens what was backed up and holds it against the manifest; the caller closes it.
     *
     * @throws org.kiln.kms.store.StoreDamagedException if the file is not as it was closed
     * @throws ConfigurationException if the file holds something else than the manifest says
     */
    public Database open() {
        Database database = Database.openAlone(new StoreLocation.Sqlite(database(folder)));
        try {
            List<TableDigest> there =
                    database.scan(connection -> Tables.of(connection).digests(connection));
            if (!there.equals(manifest.tables())) {
                throw new ConfigurationException("the backup " + folder + " is not what its manifest says: "
                        + StoreCopy.difference(manifest.tables(), there) + "; use another backup");
            }
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }
}
