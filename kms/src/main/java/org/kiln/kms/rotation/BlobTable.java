package org.kiln.kms.rotation;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.WrappedKey;

/**
 * A table whose rows hold keys wrapped under storage keys.
 *
 * @param <R> a row as it was read
 */
public interface BlobTable<R> {

    /** What its rows are, in the plural. */
    String name();

    /** How many rows hold something under {@code SK-version} or {@code SKH-version}. */
    long left(Connection connection, int version) throws SQLException;

    /**
     * The next rows, in the order of the primary key, that hold something under a version.
     *
     * @param after the last row of the page before; null for the first page
     */
    List<R> page(Connection connection, @Nullable R after, int version, int limit) throws SQLException;

    /**
     * The row with each wrapped key replaced by what {@code move} makes of it.
     *
     * @throws RefusedRowException if the row fails its integrity check
     */
    R moved(R row, UnaryOperator<WrappedKey> move);

    /** Writes {@code after} if the row is still {@code before}; false if it has changed. */
    boolean replace(Connection connection, R before, R after) throws SQLException;
}
