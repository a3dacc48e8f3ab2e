package org.kiln.kms.store;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where a database is, and so which engine runs it. */
public sealed interface StoreLocation {

    /** As messages name it; without credentials. */
    String name();

    /** A file of this machine's. */
    record Sqlite(Path file) implements StoreLocation {

        public Sqlite {
            file = file.toAbsolutePath();
        }

        @Override
        public String name() {
            return file.toString();
        }
    }

    /**
     * A PostgreSQL database that nodes may share.
     *
     * @param url such as {@code jdbc:postgresql://db.example/kiln?sslmode=verify-full}, without user and password
     * @param password none where the server asks for none, or takes a client certificate that {@code url} names
     * @param connections that this process may have open
     */
    record PostgreSql(String url, String user, Optional<String> password, int connections) implements StoreLocation {

        private static final Pattern CREDENTIALS = Pattern.compile("[?&](user|password)=|//[^/]*@");

        public PostgreSql {
            if (!url.startsWith("jdbc:postgresql:")) {
                throw new IllegalArgumentException("the store's url begins with jdbc:postgresql:");
            }
            if (CREDENTIALS.matcher(url).find()) {
                throw new IllegalArgumentException("the store's url holds no user and no password");
            }
            if (connections < 2 || connections > 500) {
                throw new IllegalArgumentException("the store's connections are 2 to 500");
            }
        }

        @Override
        public String name() {
            return url.replaceAll("\\?.*", "");
        }

        @Override
        public String toString() {
            return "PostgreSql[" + name() + ", " + user + "]";
        }
    }
}
