package org.kiln.kms.cli;

import java.nio.file.Path;
import org.kiln.kms.server.AheadMark;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.Preparation;
import org.kiln.kms.store.Database;
import picocli.CommandLine.Option;

/** The data folder that a command works on. */
public final class DataOption {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "var",
            description = "the data folder; a new or empty one is prepared (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("var");

    public DataFolder folder() {
        return new DataFolder(data);
    }

    /** The folder's configuration; prepares a new folder first and says so on standard error. */
    public KilnConfiguration configuration() {
        return Preparation.ensure(folder(), line -> System.err.println("kiln: " + line));
    }

    /** The folder's database, its tables brought up to date; the caller closes it. */
    public Database database() {
        Database database = Database.open(configuration().storeLocation(folder()));
        try {
            AheadMark.refuse(database);
            database.migrate("auc");
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }
}
