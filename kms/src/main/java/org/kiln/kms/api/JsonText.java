package org.kiln.kms.api;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds JSON of known shape in one array: names and enumerations as given, octets as lower-case hexadecimal. */
final class JsonText {

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] text;
    private int length;

    JsonText(int expectedLength) {
        text = new byte[expectedLength];
    }

    /** Appends ASCII as it is. */
    JsonText raw(byte[] ascii) {
        room(ascii.length);
        System.arraycopy(ascii, 0, text, length, ascii.length);
        length += ascii.length;
        return this;
    }

    /** Appends ASCII that needs no escape. */
    JsonText raw(String ascii) {
        return raw(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    /** Appends a quoted hexadecimal string. */
    JsonText hex(byte[] octets) {
        room(2 * octets.length + 2);
        text[length++] = '"';
        for (byte octet : octets) {
            text[length++] = DIGITS[(octet >> 4) & 0xf];
            text[length++] = DIGITS[octet & 0xf];
        }
        text[length++] = '"';
        return this;
    }

    private void room(int more) {
        if (length + more > text.length) {
            byte[] larger = Arrays.copyOf(text, 2 * (length + more));
            Arrays.fill(text, (byte) 0);
            text = larger;
        }
    }

    /** The text as a buffer; this object's copy is wiped. */
    Buffer toBuffer() {
        Buffer buffer = Buffer.buffer(length).appendBytes(text, 0, length);
        Arrays.fill(text, (byte) 0);
        return buffer;
    }
}
