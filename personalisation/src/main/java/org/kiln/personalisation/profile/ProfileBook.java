package org.kiln.personalisation.profile;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.approval.Waiting;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.document.Documents;

/**
 * The versions of card profiles. Whoever writes one does not publish it, and a draft that nobody publishes in time is over. Every row
 * has a code over all of it, which is checked before anything is done with it.
 */
public final class ProfileBook {

    private static final String KILN = "kiln";

    private final Database database;
    private final SecondPerson secondPerson;
    private final InstantSource clock;

    public ProfileBook(Database database, SecondPerson secondPerson, InstantSource clock) {
        this.database = database;
        this.secondPerson = secondPerson;
        this.clock = clock;
    }

    /** All versions as they are stored, by name and version. */
    public List<ProfileVersion> list() {
        return database.read(connection -> select(connection, "order by name, version")).stream()
                .map(ProfileRow::read)
                .toList();
    }

    public Optional<ProfileVersion> find(String name, int version) {
        return database.read(connection -> find(connection, name, version))
                .map(row -> row.authentic(secondPerson).read());
    }

    private static Optional<ProfileRow> find(Connection connection, String name, int version) throws SQLException {
        return select(connection, "where name = ? and version = ?", name, version).stream()
                .findFirst();
    }

    private ProfileRow require(Connection connection, String name, int version) throws SQLException {
        return find(connection, name, version)
                .orElseThrow(() -> new ProfileException.Unknown(name + "/" + version))
                .authentic(secondPerson);
    }

    /**
     * The version that an order gets.
     *
     * @param version null for the newest that is published
     * @throws ProfileException if there is none, or it is not published
     */
    public ProfileVersion orderable(Connection connection, String name, @Nullable Integer version) throws SQLException {
        if (version == null) {
            return select(connection, "where name = ? and state = 'PUBLISHED' order by version desc", name).stream()
                    .findFirst()
                    .orElseThrow(() -> new ProfileException.NotAllowed("profile '" + name
                            + "' has no published version; 'kiln profile publish' is for a second person"))
                    .authentic(secondPerson)
                    .read();
        }
        ProfileRow found = require(connection, name, version);
        if (found.state() != ProfileState.PUBLISHED) {
            throw new ProfileException.NotAllowed(
                    "version " + version + " of profile '" + name + "' is " + found.state() + ", not PUBLISHED");
        }
        return found.read();
    }

    /** The version that an order has, whatever its state is by now. */
    public ProfileVersion ordered(Connection connection, String name, int version) throws SQLException {
        return require(connection, name, version).read();
    }

    /** The same, as it is stored; to be looked at. */
    public static ProfileVersion stored(Connection connection, String name, int version) throws SQLException {
        return find(connection, name, version)
                .orElseThrow(() -> new ProfileException.Unknown(name + "/" + version))
                .read();
    }

    /** Adds a version, as a draft. The same profile as the newest version is that version, and nothing is added. */
    public ProfileVersion add(CardProfile profile, String actor) {
        String body = Documents.writeJson(profile);
        expire();
        return database.write(connection -> {
            List<ProfileRow> earlier = select(connection, "where name = ? order by version desc", profile.name());
            if (!earlier.isEmpty() && isStill(earlier.getFirst(), body)) {
                return earlier.getFirst().read();
            }
            Instant now = clock.instant();
            ProfileRow draft = new ProfileRow(
                    profile.name(),
                    earlier.isEmpty() ? 1 : earlier.getFirst().version() + 1,
                    ProfileState.DRAFT,
                    body,
                    now.toString(),
                    actor,
                    null,
                    null,
                    secondPerson.deadline(now).toString(),
                    null);
            insert(connection, draft);
            audit(connection, actor, "PROFILE_DRAFTED", draft);
            return draft.read();
        });
    }

    /** Whether this version is the same profile, and one that can still be published or ordered. */
    private boolean isStill(ProfileRow newest, String body) {
        return newest.isAuthentic(secondPerson)
                && newest.state() != ProfileState.RETIRED
                && Documents.writeJson(newest.read().profile()).equals(body);
    }

    private void insert(Connection connection, ProfileRow draft) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into profile (name, version, state, body,"
                + " created, created_by, expires, mac) values (?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, draft.name());
            insert.setInt(2, draft.version());
            insert.setString(3, draft.state().name());
            insert.setString(4, draft.body());
            insert.setString(5, draft.created());
            insert.setString(6, draft.createdBy());
            insert.setString(7, draft.expires());
            insert.setString(8, draft.code(secondPerson));
            insert.executeUpdate();
        }
    }

    /**
     * Lets a version be ordered.
     *
     * @throws ProfileException if it is no draft, its time is over, its row was changed, or {@code actor} wrote it
     */
    public ProfileVersion publish(String name, int version, String actor) {
        expire();
        return database.write(connection -> {
            ProfileRow draft = require(connection, name, version);
            if (draft.expires() != null && draft.isOver(clock.instant())) {
                throw new ProfileException.Expired(name, version, draft.expires());
            }
            if (draft.state() != ProfileState.DRAFT) {
                throw new ProfileException.NotAllowed(
                        "version " + version + " of profile '" + name + "' is " + draft.state() + " already");
            }
            if (draft.createdBy().equals(actor)) {
                throw new ProfileException.NotAllowed(
                        "a profile is published by a second person, not by '" + actor + "', who wrote it");
            }
            ProfileRow published = draft.published(clock.instant().toString(), actor);
            replace(connection, draft, published);
            audit(connection, actor, "PROFILE_PUBLISHED", published);
            return published.read();
        });
    }

    /** Lets a version be ordered no more. */
    public ProfileVersion retire(String name, int version, String actor) {
        return database.write(connection -> {
            ProfileRow before = require(connection, name, version);
            ProfileRow retired = before.retired();
            replace(connection, before, retired);
            audit(connection, actor, "PROFILE_RETIRED", retired);
            return retired.read();
        });
    }

    /** Retires drafts that nobody published in time. A row that was changed stays, for nothing can be done with it. */
    public void expire() {
        Predicate<ProfileRow> over = row -> row.isOver(clock.instant()) && row.isAuthentic(secondPerson);
        if (database.read(ProfileBook::drafts).stream().anyMatch(over)) {
            database.write(connection -> {
                expire(connection, over);
                return over;
            });
        }
    }

    /**
     * Retires all drafts as if their time were over, within the caller's transaction: of one that comes from a backup nobody knows what
     * became since.
     */
    public void expireAll(Connection connection) throws SQLException {
        expire(connection, row -> row.isAuthentic(secondPerson));
    }

    private void expire(Connection connection, Predicate<ProfileRow> which) throws SQLException {
        for (ProfileRow draft : drafts(connection)) {
            if (which.test(draft)) {
                replace(connection, draft, draft.retired());
                audit(connection, KILN, "PROFILE_EXPIRED", draft);
            }
        }
    }

    private static List<ProfileRow> drafts(Connection connection) throws SQLException {
        return select(connection, "where state = 'DRAFT' order by created, name, version");
    }

    /** Drafts that wait for a second person. */
    public List<Waiting> waiting() {
        expire();
        return database.read(ProfileBook::drafts).stream()
                .filter(draft -> draft.isAuthentic(secondPerson))
                .map(draft -> new Waiting(
                        "profile-publication",
                        draft.name() + "/" + draft.version(),
                        draft.createdBy(),
                        Instant.parse(draft.created()),
                        Instant.parse(String.valueOf(draft.expires())),
                        "kiln profile publish " + draft.name() + " " + draft.version()))
                .toList();
    }

    /**
     * Gives rows of an earlier release their codes, within the caller's transaction; drafts among them are over.
     *
     * @return how many there were
     */
    public int enterCodes(Connection connection) throws SQLException {
        List<ProfileRow> rows = select(connection, "where mac is null");
        for (ProfileRow row : rows) {
            replace(connection, row, row.state() == ProfileState.DRAFT ? row.expiring(row.created()) : row);
        }
        return rows.size();
    }

    /** Only over the very row that was read. */
    private void replace(Connection connection, ProfileRow before, ProfileRow after) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update profile set state = ?, published = ?, published_by = ?, expires = ?, mac = ? where name = ? and"
                        + " version = ? and coalesce(mac, '') = ?")) {
            update.setString(1, after.state().name());
            update.setString(2, after.published());
            update.setString(3, after.publishedBy());
            update.setString(4, after.expires());
            update.setString(5, after.code(secondPerson));
            update.setString(6, before.name());
            update.setInt(7, before.version());
            update.setString(8, Objects.toString(before.mac(), ""));
            if (update.executeUpdate() != 1) {
                throw new ProfileException.NotAllowed("version " + before.version() + " of profile '" + before.name()
                        + "' was changed meanwhile; look at it again");
            }
        }
    }

    private void audit(Connection connection, String actor, String act, ProfileRow row) throws SQLException {
        AuditLog.add(connection, clock.instant(), actor, act, "profile/" + row.name() + "/" + row.version(), "");
    }

    private static List<ProfileRow> select(Connection connection, String where, Object... values) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + ProfileRow.COLUMNS + " from profile " + where)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<ProfileRow> found = new ArrayList<>();
                while (rows.next()) {
                    found.add(ProfileRow.of(rows));
                }
                return found;
            }
        }
    }
}
