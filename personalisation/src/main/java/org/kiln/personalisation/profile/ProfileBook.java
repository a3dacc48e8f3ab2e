package org.kiln.personalisation.profile;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.document.Documents;

/** The versions of card profiles. */
public final class ProfileBook {

    private static final String COLUMNS =
            "name, version, state, body, created, created_by, published, published_by from profile";

    private final Database database;
    private final InstantSource clock;

    public ProfileBook(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** All versions, by name and version. */
    public List<ProfileVersion> list() {
        return database.read(connection -> select(connection, "order by name, version"));
    }

    public Optional<ProfileVersion> find(String name, int version) {
        return database.read(connection -> find(connection, name, version));
    }

    private static Optional<ProfileVersion> find(Connection connection, String name, int version) throws SQLException {
        return select(connection, "where name = ? and version = ?", name, version).stream()
                .findFirst();
    }

    /**
     * The version that an order gets.
     *
     * @param version null for the newest that is published
     * @throws ProfileException if there is none, or it is not published
     */
    public static ProfileVersion orderable(Connection connection, String name, @Nullable Integer version)
            throws SQLException {
        if (version == null) {
            return select(connection, "where name = ? and state = 'PUBLISHED' order by version desc", name).stream()
                    .findFirst()
                    .orElseThrow(() -> new ProfileException.NotAllowed("profile '" + name
                            + "' has no published version; 'kiln profile publish' is for a second person"));
        }
        ProfileVersion found =
                find(connection, name, version).orElseThrow(() -> new ProfileException.Unknown(name + "/" + version));
        if (found.state() != ProfileState.PUBLISHED) {
            throw new ProfileException.NotAllowed(
                    "version " + version + " of profile '" + name + "' is " + found.state() + ", not PUBLISHED");
        }
        return found;
    }

    /** The version that an order has, whatever its state is by now. */
    public static ProfileVersion ordered(Connection connection, String name, int version) throws SQLException {
        return find(connection, name, version).orElseThrow(() -> new ProfileException.Unknown(name + "/" + version));
    }

    /** Adds a version, as a draft. The same profile as the newest version is that version, and nothing is added. */
    public ProfileVersion add(CardProfile profile, String actor) {
        String body = Documents.writeJson(profile);
        return database.write(connection -> {
            List<ProfileVersion> earlier = select(connection, "where name = ? order by version desc", profile.name());
            if (!earlier.isEmpty()
                    && Documents.writeJson(earlier.getFirst().profile()).equals(body)
                    && earlier.getFirst().state() != ProfileState.RETIRED) {
                return earlier.getFirst();
            }
            int version = earlier.isEmpty() ? 1 : earlier.getFirst().version() + 1;
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into profile (name, version, state, body, created, created_by) values (?, ?, ?, ?, ?, ?)")) {
                insert.setString(1, profile.name());
                insert.setInt(2, version);
                insert.setString(3, ProfileState.DRAFT.name());
                insert.setString(4, body);
                insert.setString(5, clock.instant().toString());
                insert.setString(6, actor);
                insert.executeUpdate();
            }
            audit(connection, actor, "PROFILE_DRAFTED", profile.name(), version);
            return ordered(connection, profile.name(), version);
        });
    }

    /**
     * Lets a version be ordered.
     *
     * @throws ProfileException if it is no draft, or {@code actor} wrote it
     */
    public ProfileVersion publish(String name, int version, String actor) {
        return database.write(connection -> {
            ProfileVersion draft = ordered(connection, name, version);
            if (draft.state() != ProfileState.DRAFT) {
                throw new ProfileException.NotAllowed(
                        "version " + version + " of profile '" + name + "' is " + draft.state() + " already");
            }
            if (draft.createdBy().equals(actor)) {
                throw new ProfileException.NotAllowed(
                        "a profile is published by a second person, not by '" + actor + "', who wrote it");
            }
            update(connection, "state = 'PUBLISHED', published = ?, published_by = ?", name, version, actor);
            audit(connection, actor, "PROFILE_PUBLISHED", name, version);
            return ordered(connection, name, version);
        });
    }

    /** Lets a version be ordered no more. */
    public ProfileVersion retire(String name, int version, String actor) {
        return database.write(connection -> {
            ordered(connection, name, version);
            update(connection, "state = 'RETIRED'", name, version, null);
            audit(connection, actor, "PROFILE_RETIRED", name, version);
            return ordered(connection, name, version);
        });
    }

    private void audit(Connection connection, String actor, String act, String name, int version) throws SQLException {
        AuditLog.add(connection, clock.instant(), actor, act, "profile/" + name + "/" + version, "");
    }

    private void update(Connection connection, String change, String name, int version, @Nullable String actor)
            throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("update profile set " + change + " where name = ? and version = ?")) {
            int at = 1;
            if (actor != null) {
                update.setString(at++, clock.instant().toString());
                update.setString(at++, actor);
            }
            update.setString(at++, name);
            update.setInt(at, version);
            update.executeUpdate();
        }
    }

    private static List<ProfileVersion> select(Connection connection, String where, Object... values)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select " + COLUMNS + " " + where)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<ProfileVersion> versions = new ArrayList<>();
                while (rows.next()) {
                    versions.add(new ProfileVersion(
                            Documents.readStored(rows.getString(4), CardProfile.class),
                            rows.getInt(2),
                            ProfileState.valueOf(rows.getString(3)),
                            Instant.parse(rows.getString(5)),
                            rows.getString(6),
                            instant(rows.getString(7)),
                            rows.getString(8)));
                }
                return versions;
            }
        }
    }

    private static @Nullable Instant instant(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }
}
