package org.kiln.transfer.recipient;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.kiln.pkcs11.Session;
import org.kiln.transfer.batch.BatchRecord;

/**
 * One card of an opened batch: its line, and its wrapped values as session objects of the recipient's token. Used by
 * the thread that uses the token.
 */
public final class Card implements AutoCloseable {

    private final Session session;
    private final BatchRecord line;
    private final Map<String, Long> keys = new LinkedHashMap<>();
    private boolean kept;

    Card(Session session, BatchRecord line) {
        this.session = session;
        this.line = line;
    }

    void put(String column, long key) {
        keys.put(column, key);
    }

    /** Its line in {@code records.csv}; the first card stands in line 2. */
    public long line() {
        return line.line();
    }

    /** A column's value as it stands in the file, clear or wrapped in hexadecimal; empty without such a column. */
    public Optional<String> value(String column) {
        return Optional.ofNullable(line.values().get(column));
    }

    /** The object that a wrapped column was unwrapped to; empty if it was destroyed or the column is not wrapped. */
    public Optional<Long> key(String column) {
        return Optional.ofNullable(keys.get(column));
    }

    /** All objects by column. */
    public Map<String, Long> keys() {
        return Map.copyOf(keys);
    }

    /** Leaves the objects to the caller, who closes the card; else they are destroyed when the consumer returns. */
    public void keep() {
        kept = true;
    }

    boolean kept() {
        return kept;
    }

    /** Destroys the objects. */
    @Override
    public void close() {
        keys.values().forEach(session::destroyObject);
        keys.clear();
    }

    /** Line and columns only. */
    @Override
    public String toString() {
        return "Card[line=" + line() + ", keys=" + keys.keySet() + "]";
    }
}
