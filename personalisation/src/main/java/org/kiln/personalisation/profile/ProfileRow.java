package org.kiln.personalisation.profile;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.personalisation.document.Documents;

/**
 * A version as its row has it.
 *
 * @param mac its code; null in a row of an earlier release
 */
record ProfileRow(
        String name,
        int version,
        ProfileState state,
        String body,
        String created,
        String createdBy,
        @Nullable String published,
        @Nullable String publishedBy,
        @Nullable String expires,
        @Nullable String mac) {

    static final String COLUMNS =
            "name, version, state, body, created, created_by, published, published_by, expires, mac";

    static ProfileRow of(ResultSet row) throws SQLException {
        return new ProfileRow(
                row.getString(1),
                row.getInt(2),
                ProfileState.valueOf(row.getString(3)),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                row.getString(10));
    }

    ProfileRow published(String at, String by) {
        return new ProfileRow(name, version, ProfileState.PUBLISHED, body, created, createdBy, at, by, expires, mac);
    }

    ProfileRow retired() {
        return new ProfileRow(
                name, version, ProfileState.RETIRED, body, created, createdBy, published, publishedBy, expires, mac);
    }

    ProfileRow expiring(@Nullable String by) {
        return new ProfileRow(name, version, state, body, created, createdBy, published, publishedBy, by, mac);
    }

    String code(SecondPerson secondPerson) {
        return secondPerson.code(
                "profile/1",
                name,
                Integer.toString(version),
                state.name(),
                body,
                created,
                createdBy,
                published,
                publishedBy,
                expires);
    }

    boolean isAuthentic(SecondPerson secondPerson) {
        return code(secondPerson).equals(mac);
    }

    /** @throws ProfileException.Damaged unless Kiln wrote it as it is */
    ProfileRow authentic(SecondPerson secondPerson) {
        if (!isAuthentic(secondPerson)) {
            throw new ProfileException.Damaged(name, version);
        }
        return this;
    }

    /** Whether nobody published it in time. */
    boolean isOver(Instant now) {
        return published == null && expires != null && !now.isBefore(Instant.parse(expires));
    }

    ProfileVersion read() {
        return new ProfileVersion(
                Documents.readStored(body, CardProfile.class),
                version,
                state,
                Instant.parse(created),
                createdBy,
                instant(published),
                publishedBy,
                state == ProfileState.DRAFT ? instant(expires) : null);
    }

    private static @Nullable Instant instant(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }
}
