package org.kiln.kms.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kiln.kms.store.Database;

/** Writes the log to a file that {@link AuditVerifier} reads: JSON, a line for each entry and each checkpoint, in UTF-8. */
public final class AuditExport {

    private static final JsonFactory JSON = new JsonFactory();

    private final Database database;

    public AuditExport(Database database) {
        this.database = database;
    }

    /**
     * Writes all entries and checkpoints; the file appears whole or not at all.
     *
     * @return how many entries
     */
    public long write(Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        long written;
        try (Writer out = Files.newBufferedWriter(part, StandardCharsets.UTF_8)) {
            Deque<Seal> seals = database.read(AuditExport::seals);
            written = database.scan(connection -> AuditLog.read(connection, 0, (entry, hash) -> {
                line(out, json -> entry(json, entry, hash));
                while (!seals.isEmpty() && seals.getFirst().count() <= entry.number()) {
                    line(out, seals.removeFirst().line());
                }
            }));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return written;
    }

    /** A checkpoint or a change of the key, which comes before the checkpoint of as many entries: that one is by the new key. */
    private record Seal(long count, Line line) {}

    private static Deque<Seal> seals(Connection connection) throws SQLException {
        List<Checkpoint> checkpoints = AuditSeal.checkpoints(connection);
        List<AuditKey> keys = AuditKeys.list(connection);
        return Stream.concat(
                        keys.stream().map(each -> new Seal(each.count(), json -> key(json, each))),
                        checkpoints.stream().map(each -> new Seal(each.count(), json -> checkpoint(json, each))))
                .sorted(Comparator.comparingLong(Seal::count))
                .collect(Collectors.toCollection(ArrayDeque::new));
    }

    @FunctionalInterface
    private interface Line {
        void write(JsonGenerator json) throws IOException;
    }

    private static void line(Writer out, Line line) {
        try {
            JsonGenerator json = JSON.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            line.write(json);
            json.writeEndObject();
            json.flush();
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void entry(JsonGenerator json, AuditEntry entry, String hash) throws IOException {
        json.writeNumberField("number", entry.number());
        json.writeStringField("at", entry.at().toString());
        json.writeStringField("actor", entry.actor());
        json.writeStringField("act", entry.act());
        json.writeStringField("object", entry.object());
        json.writeStringField("detail", entry.detail());
        json.writeStringField("hash", hash);
    }

    private static void key(JsonGenerator json, AuditKey key) throws IOException {
        json.writeNumberField("key", key.number());
        json.writeNumberField("count", key.count());
        json.writeStringField("root", key.root());
        json.writeStringField("at", key.at().toString());
        json.writeStringField("publicKey", key.publicKey());
        json.writeStringField("signer", key.signer());
        json.writeStringField("signature", key.signature());
    }

    private static void checkpoint(JsonGenerator json, Checkpoint checkpoint) throws IOException {
        json.writeNumberField("checkpoint", checkpoint.count());
        json.writeStringField("root", checkpoint.root());
        json.writeStringField("at", checkpoint.at().toString());
        json.writeStringField("signature", checkpoint.signature());
    }
}
