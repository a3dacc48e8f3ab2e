package org.kiln.transfer.recipient;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.kiln.pkcs11.Session;

/** One card of an opened batch: its clear values, and its keys as session objects of the recipient's token. */
public final class Card implements AutoCloseable {

    private final Session session;
    private final Map<String, String> values;
    private final Map<String, Long> keys = new LinkedHashMap<>();

    Card(Session session, Map<String, String> values) {
        this.session = session;
        this.values = values;
    }

    void put(String column, long key) {
        keys.put(column, key);
    }

    /** The line's value as it stands in the file: in the clear, or wrapped. */
    public Optional<String> value(String column) {
        return Optional.ofNullable(values.get(column));
    }

    /** The handle of a wrapped column's key. */
    public Optional<Long> key(String column) {
        return Optional.ofNullable(keys.get(column));
    }

    /** All handles by column. */
    public Map<String, Long> keys() {
        return Map.copyOf(keys);
    }

    /** Destroys the keys. */
    @Override
    public void close() {
        keys.values().forEach(session::destroyObject);
        keys.clear();
    }

    @Override
    public String toString() {
        return "Card[" + keys.size() + " keys]";
    }
}
