package org.kiln.kms.keys;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Keys of a token, wrapped under a backup key; as a file, JSON.
 *
 * @param format {@code kiln-key-backup/1}
 * @param made when, ISO 8601
 * @param backupKey check value of the backup key
 * @param mechanism how the keys are wrapped: {@code aes-kwp} (RFC 5649)
 * @param mac CMAC over all the rest under a key derived from the backup key, hexadecimal
 */
public record KeyBackup(String format, String made, String backupKey, String mechanism, List<Entry> keys, String mac) {

    static final String FORMAT = "kiln-key-backup/1";
    static final String MECHANISM = "aes-kwp";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    public KeyBackup {
        keys = List.copyOf(keys);
    }

    /** What a key is for, which decides its attributes when it comes back. */
    public enum Kind {
        /** A storage key {@code SK-n}: TRUSTED. */
        STORAGE,
        /** A host storage key {@code SKH-n}. */
        HOST_STORAGE,
        /** The record master. */
        RECORD_MASTER,
        /** An operator's constant, which lies under a host storage key. */
        OPERATOR_CONSTANT
    }

    /**
     * A key.
     *
     * @param under label of the key that it is wrapped under: {@code backup}, or a host storage key of the same backup
     * @param blob hexadecimal
     * @param check first 5 octets of what the key makes of 16 zero octets, hexadecimal: wrapped by AES-KWP, or, for the
     *     record master, CMAC; empty for an operator's constant
     */
    public record Entry(String label, Kind kind, String under, String blob, String check) {
        byte[] octets() {
            return HEX.parseHex(blob);
        }
    }

    /** A backup with its MAC. */
    static KeyBackup of(Ceremony ceremony, BackupKey key, String made, List<Entry> keys) {
        KeyBackup bare = new KeyBackup(FORMAT, made, key.kcv(), MECHANISM, keys, "");
        return new KeyBackup(
                FORMAT, made, key.kcv(), MECHANISM, keys, HEX.formatHex(key.authenticate(ceremony, bare.text())));
    }

    /** @throws KeyException if the backup was made with another key, or has been changed */
    void requireGenuine(Ceremony ceremony, BackupKey key) {
        if (!format.equals(FORMAT) || !mechanism.equals(MECHANISM)) {
            throw new KeyException("the backup is of format '" + format + "' with " + mechanism + "; this Kiln reads "
                    + FORMAT + " with " + MECHANISM);
        }
        if (!backupKey.equals(key.kcv())) {
            throw new KeyException("the backup was made under the backup key " + backupKey + "; the shares make "
                    + key.kcv() + ": bring the shares of the right key");
        }
        byte[] expected = HEX.formatHex(key.authenticate(ceremony, text())).getBytes(StandardCharsets.US_ASCII);
        if (!MessageDigest.isEqual(expected, mac.getBytes(StandardCharsets.US_ASCII))) {
            throw new KeyException(
                    "the backup fails its integrity check: it was changed or damaged; bring another copy");
        }
    }

    /** The versions of the storage keys in it. */
    public Set<Integer> storageKeyVersions() {
        return keys.stream()
                .filter(key -> key.kind() == Kind.STORAGE)
                .map(key -> KeyLabels.storageVersion(key.label()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the MAC is computed over: every field, one to a line. */
    private byte[] text() {
        StringBuilder text = new StringBuilder();
        List.of(format, made, backupKey, mechanism).forEach(field -> line(text, field));
        for (Entry key : keys) {
            List.of(key.label(), key.kind().name(), key.under(), key.blob(), key.check())
                    .forEach(field -> line(text, field));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void line(StringBuilder text, String field) {
        text.append(field.length()).append(' ').append(field).append('\n');
    }

    /**
     * Reads a file; whether it is genuine shows only with the backup key.
     *
     * @throws KeyException if it is missing or malformed
     */
    public static KeyBackup read(Path file) {
        try {
            return JSON.readValue(Files.readString(file), KeyBackup.class);
        } catch (JsonProcessingException e) {
            throw new KeyException(file + " is no backup of keys: it is not the JSON that Kiln writes", e);
        } catch (IOException e) {
            throw new KeyException("the backup " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Writes the file, in place of an older one; it is on disk, whole, when this returns. */
    public void write(Path file) {
        Path staged = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                staged, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer octets = ByteBuffer.wrap(JSON.writeValueAsBytes(this));
            while (octets.hasRemaining()) {
                channel.write(octets);
            }
            channel.force(true);
            Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new KeyException("the backup " + file + " cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "KeyBackup[" + keys.stream().map(Entry::label).toList() + "]";
    }
}
