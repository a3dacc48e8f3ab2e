package org.kiln.perf.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** OsmoHLR (Debian package {@code osmo-hlr}) with subscribers in clear in its SQLite database, on loopback. */
final class OsmoHlr implements AutoCloseable {

    private static final int MILENAGE = 5;
    private static final int GSUP_PORT = 4222;
    private static final int START_MS = 20_000;

    private final Process process;

    private OsmoHlr(Process process) {
        this.process = process;
    }

    /**
     * Starts it with {@code subscribers} of Milenage.
     *
     * @throws BenchException if it is not installed, does not start, or its port is taken
     */
    static OsmoHlr start(Path scratch, int subscribers) {
        try {
            requireFree();
            Path database = scratch.resolve("hlr.db");
            Path configuration = Files.writeString(scratch.resolve("osmo-hlr.cfg"), """
                    log stderr
                     logging filter all 1
                     logging level main error
                     logging level db error
                     logging level auc error
                    line vty
                     bind 127.0.0.1
                    ctrl
                     bind 127.0.0.1
                    hlr
                     gsup
                      bind ip 127.0.0.1
                    """);
            run(scratch, "osmo-hlr-db-tool", "-l", database.toString(), "create");
            fill(database, subscribers);
            Process process = new ProcessBuilder(
                            List.of("osmo-hlr", "-c", configuration.toString(), "-l", database.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(scratch.resolve("osmo-hlr.log").toFile())
                    .start();
            OsmoHlr hlr = new OsmoHlr(process);
            hlr.await();
            return hlr;
        } catch (IOException e) {
            throw new BenchException("OsmoHLR cannot be run: " + e.getMessage(), e);
        }
    }

    private static void requireFree() throws IOException {
        try (ServerSocket socket = new ServerSocket(GSUP_PORT, 1, InetAddress.getLoopbackAddress())) {
            socket.setReuseAddress(true);
        }
    }

    private static void run(Path scratch, String... command) throws IOException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(scratch.resolve("osmo-hlr-db-tool.log").toFile())
                    .start();
            if (process.waitFor() != 0) {
                throw new IOException(Files.readString(scratch.resolve("osmo-hlr-db-tool.log")));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static void fill(Path database, int subscribers) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            connection.setAutoCommit(false);
            try (PreparedStatement subscriber =
                            connection.prepareStatement("insert into subscriber (id, imsi) values (?, ?)");
                    PreparedStatement keys = connection.prepareStatement(
                            "insert into auc_3g (subscriber_id, algo_id_3g, k, opc, sqn) values (?, ?, ?, ?, 0)");
                    Statement index = connection.createStatement()) {
                for (int number = 0; number < subscribers; number++) {
                    subscriber.setInt(1, number + 1);
                    subscriber.setString(2, GsupLoad.imsi(number));
                    subscriber.addBatch();
                    keys.setInt(1, number + 1);
                    keys.setInt(2, MILENAGE);
                    keys.setString(3, "%032x".formatted(number));
                    keys.setString(4, "%032x".formatted(~number & 0xffff_ffffL));
                    keys.addBatch();
                }
                subscriber.executeBatch();
                keys.executeBatch();
                index.execute("analyze");
            }
            connection.commit();
        } catch (SQLException e) {
            throw new BenchException("OsmoHLR's database cannot be filled: " + e.getMessage(), e);
        }
    }

    private void await() throws IOException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MS);
        while (process.isAlive() && System.nanoTime() < until) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), GSUP_PORT)) {
                return;
            } catch (IOException e) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
        close();
        throw new IOException("it did not start");
    }

    int gsupPort() {
        return GSUP_PORT;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
