package org.kiln.perf.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SplittableRandom;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.perf.plan.Costs;
import org.kiln.perf.scratch.ScratchData;

/** The database of a scratch folder. It changes rows without their MACs: nothing can use the folder afterwards. */
record StoreMeasurement(AucNode node, Path file, int subscribers, int reads) {

    private static final int WRITES = 200;
    private static final int BATCH = 64;
    private static final int BATCHES = 50;
    private static final int RECORD = 200;
    private static final long SEED = 20_261_124;
    private static final double MICRO = 1e3;
    private static final double NANOS = 1e9;

    /** Loads the subscribers, which were none before, and measures everything but writes. */
    Costs.Store measure() {
        long before = octets();
        long start = System.nanoTime();
        ScratchData.load(node, subscribers);
        double insertsPerSecond = subscribers * NANOS / (System.nanoTime() - start);
        double rowBytes = (double) (octets() - before) / subscribers;
        read();
        double readMicros = read();
        mac();
        double macMicros = mac();
        return new Costs.Store(
                "sqlite " + version(), rowBytes, 0, readMicros, macMicros, 0, BATCH, 0, 0, 0, insertsPerSecond);
    }

    /** Adds to what {@link #measure} found what writes cost. */
    Costs.Store withWrites(Costs.Store read) {
        write(1, WRITES);
        truncateLog();
        double writeMicros = write(1, WRITES);
        double walBytes = (double) logOctets() / WRITES;
        truncateLog();
        write(BATCH, 1);
        double batchWalBytes = logOctets();
        double batchMicros = write(BATCH, BATCHES);
        return new Costs.Store(
                read.engine(),
                read.rowBytes(),
                eventBytes(),
                read.readMicros(),
                read.macMicros(),
                writeMicros,
                BATCH,
                batchMicros,
                walBytes,
                batchWalBytes,
                read.insertsPerSecond());
    }

    private double read() {
        SubscriberStore store = node.subscribers();
        SplittableRandom random = new SplittableRandom(SEED);
        long start = threadCpu();
        for (int i = 0; i < reads; i++) {
            var _ = store.find(ScratchData.supi(random.nextInt(subscribers))).orElseThrow();
        }
        return (threadCpu() - start) / MICRO / reads;
    }

    private double mac() {
        byte[] record = new byte[RECORD];
        byte[] code = node.recordMac().compute(record);
        long start = threadCpu();
        int right = 0;
        for (int i = 0; i < reads; i++) {
            right += node.recordMac().verify(record, code) ? 1 : 0;
        }
        if (right != reads) {
            throw new IllegalStateException("a MAC that was computed is not verified");
        }
        return (threadCpu() - start) / MICRO / reads;
    }

    private static long threadCpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** Each write is of a value of its own: SQLite writes nothing for a row that stays as it is. */
    private double write(int rows, int transactions) {
        SplittableRandom random = new SplittableRandom(SEED);
        long start = System.nanoTime();
        for (int i = 0; i < transactions; i++) {
            long value = System.nanoTime();
            node.database().write(connection -> {
                try (PreparedStatement update =
                        connection.prepareStatement("update subscriber set sqn_value = ?, mac = ? where supi = ?")) {
                    for (int row = 0; row < rows; row++) {
                        update.setLong(1, value);
                        update.setBytes(2, new byte[16]);
                        update.setString(
                                3, ScratchData.supi(random.nextInt(subscribers)).value());
                        update.addBatch();
                    }
                    return update.executeBatch().length;
                }
            });
        }
        return (System.nanoTime() - start) / MICRO / transactions;
    }

    private double eventBytes() {
        long before = octets();
        node.database().write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement("insert into auth_event"
                    + " (supi, serving_network, id, nf_instance, success, auth_type, happened_at)"
                    + " values (?, '5G:mnc001.mcc001.3gppnetwork.org', ?, '3fa85f64-5717-4562-b3fc-2c963f66afa6', 1,"
                    + " '5G_AKA', '2026-11-24T18:00:00Z')")) {
                for (int number = 0; number < subscribers; number++) {
                    insert.setString(1, ScratchData.supi(number).value());
                    insert.setString(2, "%032x".formatted(number));
                    insert.addBatch();
                }
                return insert.executeBatch().length;
            }
        });
        return (double) (octets() - before) / subscribers;
    }

    private long octets() {
        return pragma("page_count") * pragma("page_size");
    }

    private long pragma(String name) {
        return node.database().read(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("pragma " + name)) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    private String version() {
        return node.database().read(StoreMeasurement::version);
    }

    private static String version(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductVersion();
    }

    private void truncateLog() {
        node.database().read(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute("pragma wal_checkpoint(TRUNCATE)");
            }
        });
    }

    private long logOctets() {
        try {
            return Files.size(file.resolveSibling(file.getFileName() + "-wal"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
