package org.kiln.kms.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Something that was done.
 *
 * @param number from 1, without gaps
 * @param actor who did it
 * @param act what was done, such as {@code TRANSPORT_KEY_SUSPENDED}
 * @param object what it was done to, such as {@code transport-key/acme-out}; never a SUPI in the clear
 * @param detail in words; nothing secret
 */
public record AuditEntry(long number, Instant at, String actor, String act, String object, String detail) {

    /** The hash that comes before the first entry's. */
    public static final String BEFORE_ALL = "00".repeat(32);

    private static final String FORM = "kiln-audit-entry/1";

    /**
     * The entry's hash: SHA-256 of every field, each with its length, after the hash of the entry before.
     *
     * @param before 64 hexadecimal digits
     * @return likewise
     */
    public String hash(String before) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            write(out, FORM);
            out.write(HexFormat.of().parseHex(before));
            out.writeLong(number);
            write(out, at.toString());
            write(out, actor);
            write(out, act);
            write(out, object);
            write(out, detail);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(MerkleTree.sha256(octets.toByteArray()));
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }
}
