package org.kiln.kms.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.BackupCeremony;
import org.kiln.kms.keys.BackupKey;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KeyShare;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.Preparation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln init}. */
@Command(
        name = "init",
        description = {
            "Prepares a data folder: SoftHSM token, first ceremony, laboratory certificates, configuration.",
            "",
            "With --backup the keys are made with a backup, under a backup key that is split among custodians; the",
            "shares' files go to them, one each. Keys that are made without a backup can have none later.",
            "",
            "With --session-kek the token gets an unlocked copy of the storage key, and hsm.kek is 'session': keys that are not",
            "in use come into use faster on SoftHSM, and whoever has the user's PIN can read every Ki. For laboratories."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  kiln init --data /srv/kiln",
            "  kiln init --data /srv/kiln --backup keys.json --shares-to shares --shares 5 --threshold 3"
        })
public final class InitCommand implements Callable<Integer> {

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--backup", paramLabel = "FILE", description = "where to write a backup of the keys")
    private @Nullable Path backup;

    @Option(names = "--shares-to", paramLabel = "DIR", description = "where to write the shares of the backup key")
    private @Nullable Path sharesTo;

    @Option(names = "--shares", defaultValue = "5", description = "how many shares (default: ${DEFAULT-VALUE})")
    private int shares;

    @Option(
            names = "--threshold",
            defaultValue = "3",
            description = "how many of them give the backup key back (default: ${DEFAULT-VALUE})")
    private int threshold;

    @Option(names = "--session-kek", description = "make an unlocked storage key too; for laboratories only")
    private boolean sessionKek;

    @Override
    public Integer call() {
        KilnConfiguration configuration = prepared();
        System.out.println("ready: " + data.folder().root() + " (token '"
                + configuration.hsm().token() + "'; next: kiln up --data "
                + data.folder().root() + ")");
        return 0;
    }

    private KilnConfiguration prepared() {
        if (!sessionKek) {
            return backup == null ? data.configuration() : withBackup(backup);
        }
        if (backup != null) {
            throw new ConfigurationException(
                    "a laboratory's unlocked storage key has no backup: leave --backup or --session-kek out");
        }
        return Preparation.prepareSessionKek(data.folder(), line -> System.err.println("kiln: " + line));
    }

    private KilnConfiguration withBackup(Path file) {
        Path folder = sharesTo;
        if (folder == null) {
            throw new ConfigurationException("name a folder for the shares of the backup key with --shares-to");
        }
        if (Files.exists(file)) {
            throw new ConfigurationException(file + " exists already; name a new file with --backup");
        }
        return Preparation.prepareNew(
                data.folder(), line -> System.err.println("kiln: " + line), (ceremony, operator) -> {
                    List<KeyShare> made = BackupKey.split(ceremony, shares, threshold);
                    try {
                        write(made, folder);
                        lay(ceremony, operator, made, file);
                    } finally {
                        made.forEach(KeyShare::close);
                    }
                });
    }

    private static void lay(Ceremony ceremony, String operator, List<KeyShare> made, Path file) {
        try (BackupKey key = BackupKey.combine(ceremony, made)) {
            new BackupCeremony(ceremony, InstantSource.system())
                    .foundation(operator, key)
                    .write(file);
            System.err.println("kiln: backup in " + file + "; check value of the backup key: " + key.kcv());
        }
    }

    private static void write(List<KeyShare> made, Path folder) {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        made.forEach(share -> share.write(folder.resolve("share-" + share.x() + ".txt")));
    }
}
