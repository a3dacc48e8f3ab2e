package org.kiln.kms.store;

import java.nio.file.Path;

/**
 * The database that tests tagged {@value #TAG} run on. The build runs them once on each engine; the system property
 * {@value #PROPERTY} says which: {@code sqlite}, unless it is set, or {@code postgresql}.
 */
public final class ScratchDatabase {

    /** Tests that hold on every engine. */
    public static final String TAG = "store";

    private static final String PROPERTY = "kiln.test.store";

    private ScratchDatabase() {}

    /** A new database, in {@code folder} if the engine keeps files. */
    public static StoreLocation in(Path folder) {
        return switch (System.getProperty(PROPERTY, "sqlite")) {
            case "sqlite" -> new StoreLocation.Sqlite(folder.resolve("kiln.db"));
            case "postgresql" -> ScratchPostgreSql.shared().newDatabase();
            default -> throw new IllegalStateException(PROPERTY + " is sqlite or postgresql");
        };
    }
}
