package org.kiln.kms.rotation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.store.Database;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what is stored from under one version of the storage keys to under another, inside the token. Each page of rows
 * is one transaction, and each row is written only if it is still what was read: it may be broken off at any instant,
 * beside any number of other processes, and run again.
 */
public final class Rewrap {

    private static final Logger LOG = LoggerFactory.getLogger(Rewrap.class);
    private static final int PAGE = 256;

    private final TokenCluster tokens;
    private final StorageKeys keys;
    private final Database database;
    private final List<BlobTable<?>> tables;
    private final Pace pace;

    /** @param rowsPerSecond what it may take from the others that use the token; 0 for no bound */
    public Rewrap(
            TokenCluster tokens, StorageKeys keys, Database database, List<BlobTable<?>> tables, long rowsPerSecond) {
        this.tokens = tokens;
        this.keys = keys;
        this.database = database;
        this.tables = List.copyOf(tables);
        pace = new Pace(rowsPerSecond);
    }

    /**
     * What a run did.
     *
     * @param moved rows
     * @param refused rows that are damaged; the log names the reason of each
     */
    public record Outcome(long moved, long refused) {}

    /** Rows left under a version, by table; the proof that it can go is that all are 0. */
    public Map<String, Long> left(int version) {
        return database.read(connection -> {
            Map<String, Long> left = new LinkedHashMap<>();
            for (BlobTable<?> table : tables) {
                left.put(table.name(), table.left(connection, version));
            }
            return left;
        });
    }

    /**
     * Moves all rows, passing over the tables until a pass finds nothing more to move.
     *
     * @param progress told the rows moved so far
     */
    public Outcome run(int from, int to, LongConsumer progress) {
        long moved = 0;
        while (true) {
            Pass pass = new Pass(from, to, moved, progress);
            for (BlobTable<?> table : tables) {
                pass.over(table);
            }
            if (pass.moved == moved && pass.overtaken == 0) {
                return new Outcome(moved, pass.refused);
            }
            moved = pass.moved;
        }
    }

    /** Once over all tables. */
    private final class Pass {

        private final int from;
        private final int to;
        private final LongConsumer progress;
        private long moved;
        private long refused;
        private long overtaken;

        Pass(int from, int to, long moved, LongConsumer progress) {
            this.from = from;
            this.to = to;
            this.moved = moved;
            this.progress = progress;
        }

        <R> void over(BlobTable<R> table) {
            R last = null;
            List<R> page = page(table, last);
            while (!page.isEmpty()) {
                last = page.getLast();
                move(table, page);
                pace.spent(page.size());
                progress.accept(moved);
                page = page(table, last);
            }
        }

        private <R> List<R> page(BlobTable<R> table, @Nullable R after) {
            return database.read(connection -> table.page(connection, after, from, PAGE));
        }

        private <R> void move(BlobTable<R> table, List<R> page) {
            List<Change<R>> changes = changes(table, page);
            long replaced = database.write(connection -> {
                long count = 0;
                for (Change<R> change : changes) {
                    if (table.replace(connection, change.before(), change.after())) {
                        count++;
                    }
                }
                return count;
            });
            moved += replaced;
            overtaken += changes.size() - replaced;
            refused += page.size() - changes.size();
        }

        private <R> List<Change<R>> changes(BlobTable<R> table, List<R> page) {
            return tokens.call(session -> {
                List<Change<R>> changes = new ArrayList<>(page.size());
                for (R row : page) {
                    try {
                        changes.add(new Change<>(row, table.moved(row, key -> keys.move(session, key, from, to))));
                    } catch (RefusedRowException | KeyException e) {
                        LOG.warn("one of the {} stays under version {}: {}", table.name(), from, e.getMessage());
                    } catch (Pkcs11Exception e) {
                        requireAboutTheRow(e);
                        LOG.warn("one of the {} stays under version {}: {}", table.name(), from, e.getMessage());
                    }
                }
                return changes;
            });
        }
    }

    private record Change<R>(R before, R after) {}

    /** A damaged blob is answered by a refusal or, from SoftHSM, by a general error; anything else is the token's. */
    private static void requireAboutTheRow(Pkcs11Exception e) {
        if (e.ckr().kind() != Ckr.Kind.REQUEST && e.ckr() != Ckr.GENERAL_ERROR && e.ckr() != Ckr.FUNCTION_FAILED) {
            throw e;
        }
    }

    /** Keeps a bound of rows a second. */
    private static final class Pace {

        private final long rowsPerSecond;
        private long due = System.nanoTime();

        Pace(long rowsPerSecond) {
            this.rowsPerSecond = rowsPerSecond;
        }

        void spent(int rows) {
            if (rowsPerSecond > 0) {
                due += TimeUnit.SECONDS.toNanos(rows) / rowsPerSecond;
                while (due > System.nanoTime() && !Thread.currentThread().isInterrupted()) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
            }
        }
    }
}
