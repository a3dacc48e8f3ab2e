package org.kiln.kms.copy;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.postgresql.PGConnection;

/**
 * The tables of a database as its catalogue has them, each after those that it refers to. The engines' own are left out, what
 * Flyway keeps, the mark of a copy made ahead, leases and announcements: they are the business of nodes that run.
 */
public final class Tables {

    private static final Set<String> OF_NODES = Set.of("node_lease", "announcement");
    private static final String OF_MIGRATION = "migration_";

    /** What an empty database has in it, or a node that has served nobody yet. */
    private static final Set<String> NEVER_EMPTY =
            Set.of("storage_key", "opc_key", "sqn_ceiling", "audit_entry", "audit_checkpoint");

    private final Map<String, Table> byName;

    private Tables(Map<String, Table> byName) {
        this.byName = byName;
    }

    /** The tables of the database that the connection is to. */
    public static Tables of(Connection connection) throws SQLException {
        DatabaseMetaData catalogue = connection.getMetaData();
        String schema = connection.getSchema();
        Set<String> partitions = partitions(connection);
        Set<String> names = new TreeSet<>();
        try (ResultSet each = catalogue.getTables(null, schema, "%", new String[] {"TABLE", "PARTITIONED TABLE"})) {
            while (each.next()) {
                String name = each.getString("TABLE_NAME");
                if (!partitions.contains(name)
                        && !name.startsWith(OF_MIGRATION)
                        && !name.startsWith("sqlite_")
                        && !OF_NODES.contains(name)) {
                    names.add(name);
                }
            }
        }
        Map<String, Table> ordered = new LinkedHashMap<>();
        for (String name : names) {
            add(catalogue, schema, name, names, ordered);
        }
        return new Tables(ordered);
    }

    /** Parts of a table that PostgreSQL lists as tables too. */
    private static Set<String> partitions(Connection connection) throws SQLException {
        Set<String> partitions = new TreeSet<>();
        if (connection.isWrapperFor(PGConnection.class)) {
            try (Statement select = connection.createStatement();
                    ResultSet each = select.executeQuery("select relname from pg_class where relispartition")) {
                while (each.next()) {
                    partitions.add(each.getString(1));
                }
            }
        }
        return partitions;
    }

    private static void add(
            DatabaseMetaData catalogue, String schema, String name, Set<String> names, Map<String, Table> ordered)
            throws SQLException {
        if (ordered.containsKey(name) || !names.contains(name)) {
            return;
        }
        Set<String> before = new TreeSet<>();
        try (ResultSet keys = catalogue.getImportedKeys(null, schema, name)) {
            while (keys.next()) {
                before.add(keys.getString("PKTABLE_NAME"));
            }
        }
        before.remove(name);
        for (String referred : before) {
            add(catalogue, schema, referred, names, ordered);
        }
        TreeMap<String, Integer> columns = new TreeMap<>();
        try (ResultSet each = catalogue.getColumns(null, schema, name, "%")) {
            while (each.next()) {
                columns.put(each.getString("COLUMN_NAME"), each.getInt("DATA_TYPE"));
            }
        }
        ordered.put(name, new Table(name, columns, key(catalogue, schema, name)));
    }

    private static List<String> key(DatabaseMetaData catalogue, String schema, String name) throws SQLException {
        TreeMap<Short, String> key = new TreeMap<>();
        try (ResultSet each = catalogue.getPrimaryKeys(null, schema, name)) {
            while (each.next()) {
                key.put(each.getShort("KEY_SEQ"), each.getString("COLUMN_NAME"));
            }
        }
        return List.copyOf(key.values());
    }

    List<Table> inOrder() {
        return List.copyOf(byName.values());
    }

    /** Rows of all tables. */
    public long count(Connection connection) throws SQLException {
        long count = 0;
        for (Table table : byName.values()) {
            count += table.count(connection);
        }
        return count;
    }

    /** What the tables hold, in the order of their names; empty ones say nothing and are left out. */
    public List<TableDigest> digests(Connection connection) throws SQLException {
        List<TableDigest> digests = new ArrayList<>();
        for (Table table : byName.values()) {
            TableDigest digest = table.digest(connection);
            if (digest.rows() > 0) {
                digests.add(digest);
            }
        }
        return sorted(digests);
    }

    /** Whether nobody has put anything into the database yet. */
    public boolean areNew(Connection connection) throws SQLException {
        for (Table table : byName.values()) {
            if (!NEVER_EMPTY.contains(table.name()) && table.count(connection) > 0) {
                return false;
            }
        }
        return true;
    }

    static List<TableDigest> sorted(List<TableDigest> digests) {
        return digests.stream().sorted(Comparator.comparing(TableDigest::table)).toList();
    }
}
