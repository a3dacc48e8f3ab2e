package org.kiln.kms.store;

import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The database cannot be opened or refused a statement. */
public sealed class StoreException extends RuntimeException permits StoreDamagedException {

    private static final long serialVersionUID = 1L;

    /** SQLite's primary result codes, which are the low octet of the extended ones. */
    private static final Set<Integer> OF_SQLITE = Set.of(
            SQLiteErrorCode.SQLITE_FULL.code,
            SQLiteErrorCode.SQLITE_IOERR.code,
            SQLiteErrorCode.SQLITE_BUSY.code,
            SQLiteErrorCode.SQLITE_LOCKED.code,
            SQLiteErrorCode.SQLITE_CANTOPEN.code);

    private static final Set<String> OF_SQL = Set.of("08", "40", "53", "57");

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    StoreException(String message) {
        super(message);
    }

    /**
     * Whether the same may succeed later, with nothing but the machine or the database server seen to: the disk was full or
     * failed, another had the file for too long, the server was not there or had no means.
     */
    public boolean mayPass() {
        for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
            boolean passes = switch (cause) {
                case SQLTransientException _ -> true;
                case SQLiteException refused -> OF_SQLITE.contains(refused.getResultCode().code & 0xff);
                case SQLException refused -> isPassing(refused.getSQLState());
                default -> false;
            };
            if (passes) {
                return true;
            }
        }
        return false;
    }

    /** Connection exceptions, rollbacks, insufficient resources, operator intervention. */
    private static boolean isPassing(@Nullable String state) {
        return state != null && state.length() == 5 && OF_SQL.contains(state.substring(0, 2));
    }
}
