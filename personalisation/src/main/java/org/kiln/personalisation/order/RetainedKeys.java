package org.kiln.personalisation.order;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.rotation.RefusedRowException;
import org.kiln.personalisation.document.Documents;

/** Keys that the operator retains, as a column {@code operator_keys} has them: names, and label and blob of each. */
public final class RetainedKeys {

    /** What rows with keys under one of two labels have: {@code "<label>:}, as {@link MadeCard} writes them. */
    public static final String UNDER = "(operator_keys like ? or operator_keys like ?)";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private RetainedKeys() {}

    /** Binds the two values of {@link #UNDER}. */
    public static void bindVersion(PreparedStatement select, int at, int version) throws SQLException {
        select.setString(at, "%\"" + KeyLabels.storage(version) + ":%");
        select.setString(at + 1, "%\"" + KeyLabels.hostStorage(version) + ":%");
    }

    /**
     * The column with each key moved.
     *
     * @param whose names the row in messages
     * @throws RefusedRowException if the column is malformed
     */
    public static String moved(String json, UnaryOperator<WrappedKey> move, String whose) {
        Map<String, String> keys = new LinkedHashMap<>();
        Documents.readRow(json).forEach((name, kept) -> keys.put(name, movedOne(kept, move, whose)));
        return Documents.writeRow(keys);
    }

    private static String movedOne(String kept, UnaryOperator<WrappedKey> move, String whose) {
        return text(move.apply(key(kept, whose)));
    }

    /**
     * The wrapped key of such a text.
     *
     * @param whose names the row in messages
     * @throws RefusedRowException if it is none
     */
    public static WrappedKey key(String kept, String whose) {
        int colon = kept.indexOf(':');
        if (colon < 0) {
            throw new RefusedRowException(whose + " holds a key that is not <label>:<hexadecimal>");
        }
        return new WrappedKey(kept.substring(0, colon), HEX.parseHex(kept, colon + 1, kept.length()));
    }

    /** A wrapped key as the column has it. */
    public static String text(WrappedKey key) {
        return key.keyLabel() + ":" + HEX.formatHex(key.blob());
    }
}
