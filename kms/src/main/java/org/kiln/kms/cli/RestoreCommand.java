package org.kiln.kms.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.kiln.kms.server.StoreBackup;
import org.kiln.kms.server.StoreRestore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kiln restore}. */
@Command(
        name = "restore",
        description = {
            "Restores a backup into a data folder whose token has the keys and whose store is new: one that",
            "'kiln storage-key restore' has prepared, with PostgreSQL in its kiln.yaml or without.",
            "",
            "Every subscriber's record is checked, and his sequence numbers begin above those that he may have got after the",
            "backup was made, so that none is used twice. What was done after the backup is not there: numbers of cards that",
            "were ordered since are free again in their ranges. Before anybody approves an order, ask the vendors which they are",
            "and quarantine them (kiln numbers quarantine). Transport keys are agreed anew with each partner."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  kiln storage-key restore --data /srv/kiln-2 --backup keys.json --share a --share b --share c",
            "  kiln restore --data /srv/kiln-2 /backup/kiln-2026-11-28"
        })
public final class RestoreCommand implements Callable<Integer> {

    private final List<String> rooms;
    private final StoreRestore.Within roomsAbove;

    @Mixin
    private DataOption data = new DataOption();

    @Parameters(paramLabel = "DIR", description = "what 'kiln backup' made")
    private Path backup = Path.of("");

    /**
     * @param rooms whose tables make up the store
     * @param roomsAbove what other rooms do to what is restored
     */
    public RestoreCommand(List<String> rooms, StoreRestore.Within roomsAbove) {
        this.rooms = List.copyOf(rooms);
        this.roomsAbove = roomsAbove;
    }

    @Override
    public Integer call() {
        StoreBackup read = StoreBackup.read(backup);
        long rows = read.manifest().rows();
        long all = read.manifest().rows("subscriber");
        long subscribers;
        try (Steps steps = new Steps()) {
            subscribers = new StoreRestore(data.folder(), read, rooms, roomsAbove, Instant.now())
                    .run(
                            done -> steps.reach("copying", "rows", done, rows),
                            done -> steps.reach("checking", "subscribers", done, all));
        }
        System.out.printf(
                "restored %,d rows of %s, %,d subscribers among them; next: kiln up --data %s%n",
                rows, read.manifest().made(), subscribers, data.folder().root());
        return 0;
    }
}
