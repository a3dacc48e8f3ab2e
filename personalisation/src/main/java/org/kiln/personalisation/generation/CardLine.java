package org.kiln.personalisation.generation;

import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.kiln.kms.keys.CardKeyBlocks;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.personalisation.order.RetainedKeys;
import org.kiln.personalisation.output.CardColumns;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.Protection;

/**
 * How lines of one file are made: what its columns hold, and the keys that wrap them.
 *
 * @param partner whose file it is
 * @param ring finds the keys that wrap
 * @param storage takes what the file will have in the clear, until it is written
 */
record CardLine(String partner, Map<String, Column> columns, KeyRing ring, StorageKeys storage, TokenProfile token) {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    static CardLine of(String partner, List<Column> columns, KeyRing ring, StorageKeys storage, TokenProfile token) {
        return new CardLine(
                partner,
                columns.stream().collect(Collectors.toUnmodifiableMap(Column::name, column -> column)),
                ring,
                storage,
                token);
    }

    /** Whether the file has a column of this name whose values stand as they are. */
    boolean holdsInTheClear(String name) {
        Column column = columns.get(name);
        return column != null && column.protection() == Protection.CLEAR;
    }

    /** Whether the file has a column of this name that holds key blocks. */
    boolean holdsInKeyBlocks(String name) {
        Column column = columns.get(name);
        return column != null && column.protection() == Protection.KEY_BLOCK;
    }

    /** The line of one card, being filled. */
    final class Filling {

        private final Map<String, String> values = new HashMap<>();

        String partner() {
            return partner;
        }

        Map<String, String> values() {
            return values;
        }

        /** Puts a text where the file has a column for it. */
        void clear(String name, String value) {
            Column column = columns.get(name);
            if (column != null && column.protection() == Protection.CLEAR) {
                values.put(name, value);
            }
        }

        /** Puts the elements of a profile package of what is wrapped already, where the file has a column for them. */
        void profileElements(CardProfile profile) {
            if (columns.containsKey(CardColumns.PROFILE_ELEMENTS)) {
                clear(
                        CardColumns.PROFILE_ELEMENTS,
                        Base64.getEncoder().encodeToString(ProfileElements.encode(profile, values)));
            }
        }

        /**
         * Wraps a secret of {@code octets} where the file has a column for it: under the partner's transport key, in a key
         * block, or under the host storage key if the file is to have it in the clear.
         */
        void secret(Session session, String name, long object, int octets) {
            Column column = columns.get(name);
            if (column == null) {
                return;
            }
            values.put(
                    name,
                    switch (column.protection()) {
                        case CLEAR -> RetainedKeys.text(storage.shelve(session, object));
                        case WRAPPED -> HEX.formatHex(wrapped(session, column, object, octets));
                        case KEY_BLOCK ->
                            new CardKeyBlocks(ring)
                                    .block(
                                            session,
                                            Objects.requireNonNull(column.keyLabel()),
                                            Objects.requireNonNull(column.keyUsage()),
                                            column.content() == Content.DES_KEY,
                                            object,
                                            octets);
                    });
        }
    }

    private byte[] wrapped(Session session, Column column, long object, int octets) {
        return StorageKeys.wrapUnder(
                session,
                KeyWrapping.mechanism(Objects.requireNonNull(column.wrapping()), token, octets),
                ring.secretKey(session, Objects.requireNonNull(column.keyLabel())),
                object);
    }

    Filling begin() {
        return new Filling();
    }
}
