package org.kiln.personalisation.generation;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.pkcs11.Session;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Protection;

/**
 * How lines of one file are made: what its columns hold, and the key that wraps them.
 *
 * @param partner whose file it is
 * @param transportKey handle of the key that wraps
 */
record CardLine(String partner, Map<String, Column> columns, long transportKey) {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    static CardLine of(String partner, List<Column> columns, long transportKey) {
        return new CardLine(
                partner, columns.stream().collect(Collectors.toUnmodifiableMap(Column::name, c -> c)), transportKey);
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

        /** Wraps a secret where the file has a column for it. */
        void secret(Session session, StorageKeys storage, String name, long object) {
            Column column = columns.get(name);
            if (column != null && column.protection() == Protection.WRAPPED) {
                values.put(name, HEX.formatHex(storage.wrapUnder(session, transportKey, object)));
            }
        }
    }

    Filling begin() {
        return new Filling();
    }
}
