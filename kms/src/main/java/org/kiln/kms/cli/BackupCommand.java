package org.kiln.kms.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.kiln.kms.copy.Tables;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.server.StoreBackup;
import org.kiln.kms.store.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln backup}. */
@Command(
        name = "backup",
        description = {
            "Backs the store up: subscribers, orders, registers, the audit log; from SQLite or PostgreSQL alike.",
            "Works beside a running 'kiln up', and holds what the store held at one instant.",
            "",
            "Keys in it are wrapped, and the keys they are wrapped under are not in it: those have a backup of their own",
            "(kiln init --backup). Output files of batches are not in it either: back the folder batches up by other means",
            "if vendors have yet to fetch from it.",
            "A backup keeps what is destroyed later: destroy it in its turn. Rotating the storage keys, and destroying the",
            "old version and its backup, makes every backup of before unreadable."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  kiln backup --data /srv/kiln --to /backup/kiln-2026-11-28"})
public final class BackupCommand implements Callable<Integer> {

    private final List<String> rooms;

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "the folder to make")
    private Path to = Path.of("");

    /** @param rooms whose tables make up the store */
    public BackupCommand(List<String> rooms) {
        this.rooms = List.copyOf(rooms);
    }

    @Override
    public Integer call() {
        try (Database store = data.database()) {
            rooms.forEach(store::migrate);
            List<Integer> live = new StorageKeyRegister(store, InstantSource.system())
                    .live().stream().sorted().toList();
            long rows = store.scan(connection -> Tables.of(connection).count(connection));
            StoreBackup made;
            try (Progress progress = new Progress("copying", "rows", rows)) {
                made = StoreBackup.make(store, to, rooms, live, done -> progress.reach(Math.min(done, rows)));
            }
            Digests.print(made.manifest().tables());
            System.out.println("backed up to " + to + "; a token must hold storage keys " + live + " to use it");
        }
        return 0;
    }
}
