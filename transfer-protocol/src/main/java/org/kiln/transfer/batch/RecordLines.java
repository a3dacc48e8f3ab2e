package org.kiln.transfer.batch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The lines of {@code records.csv}, each of bounded length, ended by CR LF and in strict UTF-8. */
final class RecordLines {

    private final InputStream in;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(1024);
    private long line;

    /** @param in buffered: it is read octet by octet */
    RecordLines(InputStream in) {
        this.in = in;
    }

    /** The line last returned, from 1. */
    long number() {
        return line;
    }

    Optional<String> next() throws IOException {
        buffer.reset();
        int octet = in.read();
        if (octet < 0) {
            return Optional.empty();
        }
        line++;
        int before = -1;
        while (octet != '\n') {
            if (octet < 0) {
                throw BatchFormatException.line(line, "it does not end with CR LF; the file may have been cut");
            }
            if (buffer.size() == BatchFile.MAX_LINE_OCTETS) {
                throw BatchFormatException.line(line, "it is longer than " + BatchFile.MAX_LINE_OCTETS + " octets");
            }
            buffer.write(octet);
            before = octet;
            octet = in.read();
        }
        if (before != '\r') {
            throw BatchFormatException.line(line, "it ends with LF alone; lines end with CR LF");
        }
        return Optional.of(decode());
    }

    private String decode() throws BatchFormatException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(buffer.toByteArray(), 0, buffer.size() - 1))
                    .toString();
        } catch (CharacterCodingException e) {
            throw BatchFormatException.line(line, "it is not UTF-8");
        }
    }
}
