package org.kiln.kms.copy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds rows up to a {@link TableDigest}. */
final class RowSum {

    private static final byte[] NULL = {0};

    private final String table;
    private final MessageDigest sha256;
    private final long[] sum = new long[4];
    private long rows;

    RowSum(String table) {
        this.table = table;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param values in the order of the columns' names, each null, a {@link Long}, a {@link String} or a {@code byte[]} */
    void add(List<@Nullable Object> values) {
        for (Object value : values) {
            switch (value) {
                case null -> sha256.update(NULL);
                case Long number -> update('n', Long.toString(number).getBytes(StandardCharsets.US_ASCII));
                case String text -> update('t', text.getBytes(StandardCharsets.UTF_8));
                case byte[] octets -> update('o', octets);
                default -> throw new IllegalArgumentException(value.getClass().getName());
            }
        }
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
        for (int i = 0; i < sum.length; i++) {
            sum[i] += digest.getLong();
        }
        rows++;
    }

    private void update(char kind, byte[] octets) {
        sha256.update(
                ByteBuffer.allocate(5).put((byte) kind).putInt(octets.length).array());
        sha256.update(octets);
    }

    TableDigest digest() {
        StringBuilder hex = new StringBuilder();
        for (long part : sum) {
            hex.append(HexFormat.of().toHexDigits(part));
        }
        return new TableDigest(table, rows, hex.toString());
    }
}
