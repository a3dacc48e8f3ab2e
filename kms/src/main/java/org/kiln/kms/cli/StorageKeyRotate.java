package org.kiln.kms.cli;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.kiln.kms.approval.Act;
import org.kiln.kms.approval.Permit;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KekPlace;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.rotation.Rewrap;
import org.kiln.kms.rotation.StorageKeyRegister;
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
import picocli.CommandLine.ParentCommand;

/** {@code kiln storage-key rotate}. */
@Command(
        name = "rotate",
        description = {
            "Makes the next version of the storage keys, and moves everything stored under it, in the token.",
            "",
            "If a rotation is under way, it goes on with that: broken off at any instant, run it again. Works",
            "beside a running 'kiln up', which wraps under the new keys two seconds later. At the end it counts what",
            "is left under the old version, which stays in the token until 'kiln storage-key destroy'.",
            "Needs the user's and, to begin, the security officer's PIN. Where a node serves from several tokens, the",
            "new keys are current only when all of them hold them: follow what it says."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  kiln storage-key rotate --data /srv/kiln --rate 2000",
            "  kiln storage-key rotate --data /srv/kiln --backup keys.json --share a --share b --share c"
        })
public final class StorageKeyRotate implements Callable<Integer> {

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
        if (configuration.hsm().kek() == KekPlace.SESSION) {
            throw new ConfigurationException(
                    "hsm.kek is 'session', and new storage keys have no unlocked copy: set it to"
                            + " 'token', and start the node anew, before they are rotated");
        }
        try (ServerLock _ = ServerLock.takeStorageKeys(data.folder())) {
            Optional<Permit> permit = mustBegin(configuration);
            if (permit.isPresent()) {
                requireBackupForCluster(configuration);
                begin(configuration, permit.get());
            }
            return move(configuration);
        }
    }

    /** Leave to begin; empty if there is a rotation to go on with. */
    private Optional<Permit> mustBegin(KilnConfiguration configuration) {
        try (AucNode node = AucNode.open(data.folder(), configuration)) {
            StorageKeyRegister register = node.storageKeyRegister();
            if (register.retiring().isPresent()) {
                return Optional.empty();
            }
            int next = register.current() + 1;
            if (StorageKeyCommand.total(parent.rewrap(node, 0).left(next)) > 0) {
                throw new ConfigurationException("something is stored under version " + next
                        + " of the storage keys, which this database does not know; restore it from its backup");
            }
            Permit permit = node.dualControl().permit(Act.STORAGE_KEY_ROTATION, "SK-" + next);
            if (isCluster(configuration) && everyTokenHolds(node, next)) {
                register.under(permit).promote(next);
                return Optional.empty();
            }
            node.tokens().callEach(session -> discard(session, node.storageKeys(), next));
            return Optional.of(permit);
        }
    }

    private static boolean isCluster(KilnConfiguration configuration) {
        return !configuration.hsm().cluster().isEmpty();
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

    private void requireBackupForCluster(KilnConfiguration configuration) {
        if (isCluster(configuration) && !backup.isGiven()) {
            throw new ConfigurationException("this node serves from several tokens, and keys go from one to another"
                    + " through a backup only: give --backup and the shares");
        }
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

    private void begin(KilnConfiguration configuration, Permit permit) {
        TokenConnection connection = TokenConnection.load(data.folder(), configuration.hsm());
        try (Secret soPin = connection.soPin();
                Secret userPin = connection.userPin();
                Database database = data.database()) {
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
            if (isCluster(configuration)) {
                throw new ConfigurationException("storage keys SK-" + next + " and SKH-" + next + " made in token '"
                        + configuration.hsm().token() + "'; bring them into the other tokens of the cluster with"
                        + " 'kiln storage-key bring', then run this again");
            }
            register.under(permit).promote(next);
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
            try (Progress progress = new Progress("moving", "rows", StorageKeyCommand.total(rewrap.left(from)))) {
                outcome = rewrap.run(from, to, progress::reach);
            }
            Map<String, Long> left = rewrap.left(from);
            System.out.println("moved " + outcome.moved() + " rows from version " + from + " to version " + to
                    + "; left under version " + from + ": " + left);
            if (outcome.refused() > 0) {
                System.err.println("kiln: " + outcome.refused() + " rows are damaged and stay as they are; the log"
                        + " names them: restore each from a backup or remove it");
            }
            return StorageKeyCommand.total(left) == 0 ? 0 : 1;
        }
    }
}
