package org.kiln.kms.cli;

import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.Callable;
import org.kiln.kms.keys.KeyBackup;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.server.Preparation;
import org.kiln.kms.store.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kiln storage-key restore}. */
@Command(
        name = "restore",
        description = {
            "Prepares a new data folder whose token holds the keys of a backup: to take the place of a lost one, or to",
            "serve beside the first with the same keys. As many custodians as the backup key takes bring their shares.",
            "",
            "Storage keys, the record master and the operator's constant come back; the signing and TLS keys and the",
            "laboratory's certificates are made anew, and transport keys are agreed anew with each partner.",
            "Restore the store into the folder afterwards (kiln restore)."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  kiln storage-key restore --data /srv/kiln-2 --backup keys.json --share a --share b --share c"
        })
public final class StorageKeyRestore implements Callable<Integer> {

    @Mixin
    private DataOption data = new DataOption();

    @Mixin
    private BackupOption backup = new BackupOption();

    @Override
    public Integer call() {
        Set<Integer> versions = KeyBackup.read(backup.file()).storageKeyVersions();
        Preparation.prepareNew(data.folder(), line -> System.err.println("kiln: " + line), (ceremony, operator) -> {
            backup.restore(ceremony);
            ceremony.provideOperatorConstant(operator);
        });
        try (Database database = data.database()) {
            new StorageKeyRegister(database, InstantSource.system()).adopt(versions);
        }
        System.out.println("restored: " + data.folder().root() + " (storage keys " + versions
                + "; next: kiln restore --data "
                + data.folder().root() + " BACKUP)");
        return 0;
    }
}
