package org.kiln.kms.cli;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.rotation.BlobTable;
import org.kiln.kms.rotation.Rewrap;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.rotation.StorageKeyVersion;
import org.kiln.kms.rotation.StorageKeyVersion.State;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.ServerLock;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiln storage-key}. */
@Command(
        name = "storage-key",
        description = "The keys that everything stored is wrapped under: their versions and their rotation.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StorageKeyCommand.Rotate.class,
            StorageKeyCommand.Status.class,
            StorageKeyCommand.Destroy.class,
            StorageKeyRestore.class
        })
public final class StorageKeyCommand {

    private final Function<Database, List<BlobTable<?>>> tablesAbove;

    /** @param tablesAbove tables of other rooms in the node's database that hold blobs under storage keys */
    public StorageKeyCommand(Function<Database, List<BlobTable<?>>> tablesAbove) {
        this.tablesAbove = tablesAbove;
    }

    private List<BlobTable<?>> tables(AucNode node) {
        return node.blobTables(tablesAbove.apply(node.database()));
    }

    private Rewrap rewrap(AucNode node, long rate) {
        return new Rewrap(node.tokens(), node.storageKeys(), node.database(), tables(node), rate);
    }

    private static long total(Map<String, Long> left) {
        return left.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@code kiln storage-key rotate}. */
    @Command(
            name = "rotate",
            description = {
                "Makes the next version of the storage keys, and moves everything stored under it, in the token.",
                "",
                "If a rotation is under way, it goes on with that: broken off at any instant, run it again. Works",
                "beside a running 'kiln up', which wraps under the new keys two seconds later. At the end it counts what",
                "is left under the old version, which stays in the token until 'kiln storage-key destroy'.",
                "Needs the user's and, to begin, the security officer's PIN."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  kiln storage-key rotate --data /srv/kiln --rate 2000",
                "  kiln storage-key rotate --data /srv/kiln --backup keys.json --share a --share b --share c"
            })
    public static final class Rotate implements Callable<Integer> {

        @ParentCommand
        private StorageKeyCommand parent = new StorageKeyCommand(database -> List.of());

        @Mixin
        private DataOption data = new DataOption();

        @Option(
                names = "--rate",
                paramLabel = "ROWS",
                defaultValue = "0",
                description = "rows moved in a second at most; 0 for no bound (default: ${DEFAULT-VALUE})")
        private long rate;

        @Option(
                names = "--discard-unused",
                description = "destroy a next version that a rotation left which was broken off before it began")
        private boolean discardUnused;

        @Mixin
        private BackupOption backup = new BackupOption();

        @Override
        public Integer call() {
            if (rate < 0) {
                throw new ConfigurationException("--rate is a number of rows a second, or 0 for no bound");
            }
            KilnConfiguration configuration = data.configuration();
            try (ServerLock lock = ServerLock.takeStorageKeys(data.folder())) {
                lock.requireHeld();
                if (mustBegin(configuration)) {
                    requireBackupForCluster(configuration);
                    begin(configuration);
                }
                return move(configuration);
            }
        }

        private void requireBackupForCluster(KilnConfiguration configuration) {
            if (!configuration.hsm().cluster().isEmpty() && !backup.isGiven()) {
                throw new ConfigurationException("this node serves from several tokens, and keys go from one to another"
                        + " through a backup only: give --backup and the shares");
            }
        }

        /** Whether there is no rotation to go on with. */
        private boolean mustBegin(KilnConfiguration configuration) {
            try (AucNode node = AucNode.open(data.folder(), configuration)) {
                StorageKeyRegister register = node.storageKeyRegister();
                if (register.retiring().isPresent()) {
                    return false;
                }
                int next = register.current() + 1;
                if (total(parent.rewrap(node, 0).left(next)) > 0) {
                    throw new ConfigurationException("something is stored under version " + next
                            + " of the storage keys, which this database does not know; restore it from its backup");
                }
                if (!configuration.hsm().cluster().isEmpty() && everyTokenHolds(node, next)) {
                    register.promote(next);
                    return false;
                }
                node.tokens().callEach(session -> discard(session, node.storageKeys(), next));
                return true;
            }
        }

        private static boolean everyTokenHolds(AucNode node, int version) {
            AtomicInteger holders = new AtomicInteger();
            node.tokens().callEach(session -> {
                if (node.storageKeys().holdsVersion(session, version)) {
                    holders.incrementAndGet();
                }
            });
            return holders.get() == node.tokens().tokens().size();
        }

        private void discard(Session session, StorageKeys keys, int next) {
            if (!keys.holdsVersion(session, next)) {
                return;
            }
            if (!discardUnused) {
                throw new ConfigurationException("the token holds version " + next + " of the storage keys, which this"
                        + " database does not know: a rotation was broken off before it began, or the database is"
                        + " older than the token. In the first case only, run this again with --discard-unused");
            }
            keys.destroyVersion(session, next);
        }

        private void begin(KilnConfiguration configuration) {
            TokenConnection connection = TokenConnection.load(data.folder(), configuration.hsm());
            try (Secret soPin = connection.soPin();
                    Secret userPin = connection.userPin();
                    Database database = Database.open(data.folder().database())) {
                StorageKeyRegister register = new StorageKeyRegister(database, InstantSource.system());
                int next = register.current() + 1;
                Ceremony ceremony = connection.ceremony(soPin, userPin);
                if (backup.isGiven()) {
                    backup.withNewVersion(ceremony, next, register.live());
                } else {
                    ceremony.storageKeys(next);
                    System.err.println("kiln: these keys have no backup, and can have none later: if the token is lost,"
                            + " so is everything stored; see docs/ceremonies.md");
                }
                if (!configuration.hsm().cluster().isEmpty()) {
                    throw new ConfigurationException("storage keys SK-" + next + " and SKH-" + next + " made in token '"
                            + configuration.hsm().token() + "'; bring them into the other tokens of the cluster with"
                            + " 'kiln storage-key restore', then run this again");
                }
                register.promote(next);
                System.out.println("storage keys SK-" + next + " and SKH-" + next + " made; they are current now");
            }
        }

        private int move(KilnConfiguration configuration) {
            try (AucNode node = AucNode.open(data.folder(), configuration)) {
                StorageKeyRegister register = node.storageKeyRegister();
                int to = register.current();
                int from = register.retiring().orElseThrow();
                Rewrap rewrap = parent.rewrap(node, rate);
                Rewrap.Outcome outcome;
                try (Progress progress = new Progress("moving", "rows", total(rewrap.left(from)))) {
                    outcome = rewrap.run(from, to, progress::reach);
                }
                Map<String, Long> left = rewrap.left(from);
                System.out.println("moved " + outcome.moved() + " rows from version " + from + " to version " + to
                        + "; left under version " + from + ": " + left);
                if (outcome.refused() > 0) {
                    System.err.println("kiln: " + outcome.refused() + " rows are damaged and stay as they are; the log"
                            + " names them: restore each from a backup or remove it");
                }
                return total(left) == 0 ? 0 : 1;
            }
        }
    }

    /** {@code kiln storage-key status}. */
    @Command(
            name = "status",
            description = "Lists the versions, and counts what is stored under each.",
            mixinStandardHelpOptions = true)
    public static final class Status implements Callable<Integer> {

        @ParentCommand
        private StorageKeyCommand parent = new StorageKeyCommand(database -> List.of());

        @Mixin
        private DataOption data = new DataOption();

        @Override
        public Integer call() {
            try (AucNode node = AucNode.open(data.folder(), data.configuration())) {
                Rewrap rewrap = parent.rewrap(node, 0);
                for (StorageKeyVersion version : node.storageKeyRegister().list()) {
                    System.out.printf(
                            "%3d %-9s made %s%s  %s%n",
                            version.version(),
                            version.state(),
                            version.made(),
                            version.destroyed()
                                    .map(when -> ", destroyed " + when)
                                    .orElse(""),
                            version.state() == State.DESTROYED ? "" : rewrap.left(version.version()));
                }
            }
            return 0;
        }
    }

    /** {@code kiln storage-key destroy}. */
    @Command(
            name = "destroy",
            description = {
                "Removes a retired version from the token, if it is proved that nothing is left under it.",
                "There is no way back but a backup of the keys. Broken off, run it again."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln storage-key destroy --data /srv/kiln 1"})
    public static final class Destroy implements Callable<Integer> {

        @ParentCommand
        private StorageKeyCommand parent = new StorageKeyCommand(database -> List.of());

        @Mixin
        private DataOption data = new DataOption();

        @Parameters(paramLabel = "VERSION", description = "the version to remove")
        private int version;

        @Override
        public Integer call() {
            KilnConfiguration configuration = data.configuration();
            try (ServerLock lock = ServerLock.takeStorageKeys(data.folder());
                    AucNode node = AucNode.open(data.folder(), configuration)) {
                lock.requireHeld();
                node.storageKeyRegister().retireForGood(version, parent.tables(node));
                node.tokens().callEach(session -> node.storageKeys().destroyVersion(session, version));
            }
            System.out.println("version " + version + " of the storage keys is destroyed");
            return 0;
        }
    }
}
