package org.kiln.kms.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.kiln.kms.approval.Act;
import org.kiln.kms.approval.Permit;
import org.kiln.kms.rotation.BlobTable;
import org.kiln.kms.rotation.Rewrap;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.rotation.StorageKeyVersion;
import org.kiln.kms.rotation.StorageKeyVersion.State;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.ServerLock;
import org.kiln.kms.store.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiln storage-key}. */
@Command(
        name = "storage-key",
        description = "The keys that everything stored is wrapped under: their versions and their rotation.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StorageKeyRotate.class,
            StorageKeyCommand.Status.class,
            StorageKeyCommand.Destroy.class,
            StorageKeyRestore.class,
            StorageKeyBring.class
        })
public final class StorageKeyCommand {

    private final Function<Database, List<BlobTable<?>>> tablesAbove;

    /** @param tablesAbove tables of other rooms in the node's database that hold blobs under storage keys */
    public StorageKeyCommand(Function<Database, List<BlobTable<?>>> tablesAbove) {
        this.tablesAbove = tablesAbove;
    }

    List<BlobTable<?>> tables(AucNode node) {
        return node.blobTables(tablesAbove.apply(node.database()));
    }

    Rewrap rewrap(AucNode node, long rate) {
        return new Rewrap(node.tokens(), node.storageKeys(), node.database(), tables(node), rate);
    }

    static long total(Map<String, Long> left) {
        return left.values().stream().mapToLong(Long::longValue).sum();
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
            try (ServerLock _ = ServerLock.takeStorageKeys(data.folder());
                    AucNode node = AucNode.open(data.folder(), configuration)) {
                StorageKeyRegister register = node.storageKeyRegister();
                Permit permit = register.live().contains(version)
                        ? node.dualControl().permit(Act.STORAGE_KEY_DESTRUCTION, "SK-" + version)
                        : Permit.NOT_NEEDED;
                register.under(permit).retireForGood(version, parent.tables(node));
                node.tokens().callEach(session -> node.storageKeys().destroyVersion(session, version));
            }
            System.out.println("version " + version + " of the storage keys is destroyed");
            return 0;
        }
    }
}
