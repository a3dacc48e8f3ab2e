package org.kiln.kms.check;

import java.nio.file.Files;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.kiln.kms.server.AheadMark;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.Expiry;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.SchemaVersion;
import org.kiln.kms.store.StoreException;
import org.kiln.kms.store.StoreLocation;

/** Whether the database can be reached, is sound, has the tables of this release, and is no copy made ahead of a move. */
final class StoreLook {

    private static final String STORE = "store";

    private final Findings findings;
    private final List<String> rooms;
    private final Function<Database, Stream<Expiry>> partners;

    /**
     * @param rooms whose tables are there
     * @param partners certificates of partners; asked for only where their tables are up to date
     */
    StoreLook(Findings findings, List<String> rooms, Function<Database, Stream<Expiry>> partners) {
        this.findings = findings;
        this.rooms = rooms;
        this.partners = partners;
    }

    void look(DataFolder folder, KilnConfiguration configuration, CertificateFiles certificates) {
        configuration.store().ifPresent(store -> transport(store.url()));
        StoreLocation location = configuration.storeLocation(folder);
        if (location instanceof StoreLocation.Sqlite(var file) && !Files.exists(file)) {
            findings.ok(STORE, file + " is not there yet; the first start makes it");
            return;
        }
        try (Database database = Database.open(location)) {
            if (AheadMark.isOn(database)) {
                findings.error(STORE, AheadMark.meaning(database), AheadMark.REMEDY);
            }
            boolean current = true;
            for (String room : rooms) {
                current &= isCurrent(database.schema(room), room, location.name());
            }
            if (current) {
                partners(database, certificates);
            }
        } catch (StoreException e) {
            findings.error(STORE, e);
        }
    }

    /** A certificate that cannot be read any more is a finding, whatever the room that keeps it throws. */
    private void partners(Database database, CertificateFiles certificates) {
        try {
            partners.apply(database)
                    .forEach(each -> certificates.until(each.use(), "the certificate of " + each.name(), each.at()));
        } catch (RuntimeException e) {
            findings.error("partner", e);
        }
    }

    private boolean isCurrent(SchemaVersion schema, String room, String name) {
        if (schema.isAhead()) {
            findings.error(
                    STORE,
                    name + ": the tables of " + room + " are of version " + schema.version() + ", of a later release",
                    "run that release");
            return false;
        }
        if (schema.pending() > 0) {
            findings.warn(
                    STORE,
                    name + ": the tables of " + room + " are of version " + schema.version() + ", " + schema.pending()
                            + " before this release's",
                    "back the store up; the next start brings them up to date");
            return false;
        }
        findings.ok(STORE, name + ": the tables of " + room + " are of version " + schema.version());
        return true;
    }

    private void transport(String url) {
        boolean local = url.matches("jdbc:postgresql:(//(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d+)?)?/.*");
        if (!local && !url.contains("sslmode=verify-full")) {
            findings.warn(
                    "store.url",
                    "the database's certificate is not checked, or there is no TLS",
                    "add sslmode=verify-full");
        }
    }
}
