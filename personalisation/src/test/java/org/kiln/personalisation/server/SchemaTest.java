package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchPostgreSql;
import org.kiln.kms.store.StoreLocation;

/** Both engines have the same tables, with the same columns, nulls and primary keys. */
class SchemaTest {

    /** By which processes hear each other on SQLite; PostgreSQL needs no table for that. */
    private static final String ANNOUNCEMENTS = "announcement";

    @TempDir
    Path folder;

    @Test
    void isOneOnBothEngines() {
        Map<String, String> sqlite = columns(new StoreLocation.Sqlite(folder.resolve("kiln.db")));
        Map<String, String> postgreSql = columns(ScratchPostgreSql.shared().newDatabase());
        assertThat(postgreSql).isEqualTo(sqlite).hasSizeGreaterThan(50);
    }

    private static Map<String, String> columns(StoreLocation location) {
        try (Database database = Database.open(location)) {
            database.migrate("auc");
            database.migrate("personalisation");
            return database.read(SchemaTest::columns);
        }
    }

    private static Map<String, String> columns(Connection connection) throws SQLException {
        DatabaseMetaData meta = connection.getMetaData();
        Map<String, String> columns = new TreeMap<>();
        try (ResultSet tables = meta.getTables(null, connection.getSchema(), "%", new String[] {"TABLE"})) {
            while (tables.next()) {
                String table = tables.getString("TABLE_NAME");
                if (!table.startsWith("migration_")
                        && !table.startsWith("sqlite_")
                        && !table.endsWith("_of_0_1")
                        && !table.equals(ANNOUNCEMENTS)) {
                    columns.putAll(columns(meta, connection.getSchema(), table));
                }
            }
        }
        return columns;
    }

    private static Map<String, String> columns(DatabaseMetaData meta, String schema, String table) throws SQLException {
        TreeSet<String> key = new TreeSet<>();
        try (ResultSet keys = meta.getPrimaryKeys(null, schema, table)) {
            while (keys.next()) {
                key.add(keys.getString("COLUMN_NAME"));
            }
        }
        Map<String, String> columns = new TreeMap<>();
        try (ResultSet each = meta.getColumns(null, schema, table, "%")) {
            while (each.next()) {
                String name = each.getString("COLUMN_NAME");
                boolean nullable = each.getInt("NULLABLE") != DatabaseMetaData.columnNoNulls;
                columns.put(
                        table + "." + name.toLowerCase(Locale.ROOT),
                        (nullable ? "null" : "not null") + (key.contains(name) ? ", key" : ""));
            }
        }
        return columns;
    }
}
