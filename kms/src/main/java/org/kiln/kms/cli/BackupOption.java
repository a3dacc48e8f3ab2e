package org.kiln.kms.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.BackupCeremony;
import org.kiln.kms.keys.BackupKey;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KeyBackup;
import org.kiln.kms.keys.KeyShare;
import org.kiln.kms.server.ConfigurationException;
import picocli.CommandLine.Option;

/** A backup of keys and the shares of its backup key. */
public final class BackupOption {

    @Option(names = "--backup", paramLabel = "FILE", description = "the backup of the keys")
    private @Nullable Path file;

    @Option(names = "--share", paramLabel = "FILE", description = "a custodian's share of the backup key; repeat it")
    private List<Path> shares = List.of();

    boolean isGiven() {
        return file != null;
    }

    /** @throws ConfigurationException if none is given */
    Path file() {
        if (file == null) {
            throw new ConfigurationException("name the backup of the keys with --backup");
        }
        return file;
    }

    /** Makes the next version of the storage keys and writes the backup anew, with them in it. */
    void withNewVersion(Ceremony ceremony, int version, Set<Integer> live) {
        withKey(
                ceremony,
                key -> new BackupCeremony(ceremony, InstantSource.system())
                        .storageKeys(version, KeyBackup.read(file()), live, key)
                        .write(file()));
    }

    /** Brings the keys of the backup into an empty token. */
    void restore(Ceremony ceremony) {
        withKey(
                ceremony,
                key -> new BackupCeremony(ceremony, InstantSource.system()).restore(KeyBackup.read(file()), key));
    }

    /** Brings those keys of the backup into a token that it lacks; returns their labels. */
    List<String> supplement(Ceremony ceremony) {
        List<String> brought = new ArrayList<>();
        withKey(
                ceremony,
                key -> brought.addAll(
                        new BackupCeremony(ceremony, InstantSource.system()).supplement(KeyBackup.read(file()), key)));
        return brought;
    }

    private void withKey(Ceremony ceremony, Consumer<BackupKey> work) {
        List<KeyShare> read = new ArrayList<>();
        try {
            for (Path share : shares) {
                read.add(KeyShare.read(share));
            }
            try (BackupKey key = BackupKey.combine(ceremony, read)) {
                work.accept(key);
            }
        } finally {
            read.forEach(KeyShare::close);
        }
    }
}
