package org.kiln.transfer.recipient;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Optional;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.TextLines;

/**
 * The batches that were opened, so that one that is sent again is noticed: a file in a folder of the recipient's, a JSON
 * object a line. Nobody else can use the file while this is open. It tells nothing secret; whoever may write to it can make
 * a batch look new.
 */
public final class OpenedBatches implements AutoCloseable {

    /** The file's name. */
    public static final String FILE = "opened-batches.jsonl";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;
    private final FileChannel channel;
    private final InstantSource clock;

    private OpenedBatches(Path file, FileChannel channel, InstantSource clock) {
        this.file = file;
        this.channel = channel;
        this.clock = clock;
    }

    /** One line. */
    record Entry(
            @JsonProperty(required = true) String order,
            @JsonProperty(required = true) String batch,
            @JsonProperty(required = true) String sha256,
            @JsonProperty(required = true) String time) {}

    /**
     * Opens the register in {@code folder}, which is made if it is missing.
     *
     * @throws RecipientException.FileUnusable if somebody else has it open
     */
    public static OpenedBatches in(Path folder, InstantSource clock) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(FILE);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return new OpenedBatches(file, channel, clock);
            }
        } catch (OverlappingFileLockException e) {
            // held by this very process: as good as by another
        }
        channel.close();
        throw new RecipientException.FileUnusable(file, "is in use by another 'recipient'; wait for it to end");
    }

    /**
     * Requires that a batch was not opened before: neither this file nor another one of its order and batch.
     *
     * @param sha256 of the sealed file
     * @throws RecipientException.OpenedBefore if it was
     * @throws RecipientException.FileUnusable if the register is damaged
     */
    public void requireNew(Manifest manifest, String sha256) throws IOException {
        Optional<Entry> before = find(manifest, sha256);
        if (before.isPresent()) {
            throw new RecipientException.OpenedBefore(
                    manifest.orderId(),
                    manifest.batchId(),
                    before.get().time(),
                    before.get().sha256().equals(sha256));
        }
    }

    /** Writes down that a batch was opened, durably. */
    public void record(Manifest manifest, String sha256) throws IOException {
        Entry entry = new Entry(
                manifest.orderId(), manifest.batchId(), sha256, clock.instant().toString());
        channel.position(channel.size());
        ByteBuffer line = ByteBuffer.wrap((JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
        channel.force(true);
    }

    private Optional<Entry> find(Manifest manifest, String sha256) throws IOException {
        channel.position(0);
        TextLines lines = new TextLines(Channels.newInputStream(channel), FILE, LineEnd.LF);
        try {
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                Entry entry = JSON.readValue(line.get(), Entry.class);
                if (entry.sha256().equals(sha256)
                        || (entry.order().equals(manifest.orderId())
                                && entry.batch().equals(manifest.batchId()))) {
                    return Optional.of(entry);
                }
            }
            return Optional.empty();
        } catch (BatchFormatException | JsonProcessingException e) {
            throw new RecipientException.FileUnusable(
                    file, "is damaged in line " + lines.number() + "; mend it, for it tells which batches were opened");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
