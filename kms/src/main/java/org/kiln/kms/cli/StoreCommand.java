package org.kiln.kms.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.StoreMove;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiln store}. */
@Command(
        name = "store",
        description = "Where subscribers, orders and registers are kept.",
        mixinStandardHelpOptions = true,
        subcommands = StoreCommand.Migrate.class)
public final class StoreCommand {

    private final List<String> rooms;

    /** @param rooms whose tables make up the store */
    public StoreCommand(List<String> rooms) {
        this.rooms = List.copyOf(rooms);
    }

    /** {@code kiln store migrate}. */
    @Command(
            name = "migrate",
            description = {
                "Moves the store of a data folder from its own SQLite file to a PostgreSQL database that is empty.",
                "",
                "Stop 'kiln up' first: nobody is served while it runs. What was copied is read again and compared by count",
                "and digest, table by table. Then kiln.yaml names the new database, and the old file is set aside as",
                "kiln.db.moved. Broken off at any instant, run it again.",
                "",
                "So that it is short, run it with --ahead before, while 'kiln up' still serves, once or more often: then only",
                "what has changed since is written. Until the move is completed, nobody can serve from the new database.",
                "The password is the first line of a file; or set KILN_STORE_PASSWORD."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  kiln store migrate --from /srv/kiln --to 'jdbc:postgresql://db.example/kiln?sslmode=verify-full' \\",
                "      --user kiln --password-file pins/store.password"
            })
    static final class Migrate implements Callable<Integer> {

        @ParentCommand
        private StoreCommand parent = new StoreCommand(List.of());

        @Option(
                names = {"--from", "--data"},
                paramLabel = "DIR",
                required = true,
                description = "the data folder whose store moves")
        private Path from = Path.of("");

        @Option(
                names = "--to",
                paramLabel = "URL",
                required = true,
                description = "the database as JDBC names it, without user and password")
        private String to = "";

        @Option(names = "--user", required = true, description = "the database's user")
        private String user = "";

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                defaultValue = "",
                description = "where the user's password is, from the data folder on; none if the server asks for none")
        private String passwordFile = "";

        @Option(
                names = "--connections",
                defaultValue = "16",
                description = "connections that a node may have open (default: ${DEFAULT-VALUE})")
        private int connections;

        @Option(
                names = "--ahead",
                description =
                        "only copy what the store holds now, beside a node that serves from it; nothing is moved yet")
        private boolean ahead;

        @Override
        public Integer call() {
            DataFolder folder = new DataFolder(from);
            StoreMove move = new StoreMove(
                    folder, new KilnConfiguration.Store(to, user, passwordFile, connections), parent.rooms);
            StoreMove.Moved moved;
            try (Steps steps = new Steps()) {
                StoreMove.Watcher watcher = (rows, of) -> steps.reach("copying", "rows", rows, of);
                moved = ahead ? move.ahead(watcher) : move.run(watcher);
            }
            Digests.print(moved.tables());
            System.out.printf("%,d rows written%n", moved.written());
            System.out.println(
                    ahead
                            ? "copied ahead and compared; " + folder.database()
                                    + " is still the store. When 'kiln up' is stopped, the same command without --ahead writes"
                                    + " what has changed by then, and moves"
                            : "moved and compared; " + folder.configuration()
                                    + " names the new database, and the old file is " + move.moved()
                                    + ": destroy it when you no longer need it (it holds wrapped keys), and never serve from it again");
            return 0;
        }
    }
}
