package org.kiln.transfer.batch;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The lines of a text file, each of bounded length, ended as the format says and in strict UTF-8. */
public final class TextLines {

    /** Octets of the longest line, without its end. */
    public static final int MAX_OCTETS = BatchFile.MAX_LINE_OCTETS;

    private final InputStream in;
    private final String file;
    private final LineEnd end;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(1024);
    private long line;

    /** @param file what messages call it */
    public TextLines(InputStream in, String file, LineEnd end) {
        this.in = new BufferedInputStream(in, 1 << 15);
        this.file = file;
        this.end = end;
    }

    /** The line last returned, from 1. */
    public long number() {
        return line;
    }

    /**
     * The next line without its end; empty after the last.
     *
     * @throws BatchFormatException if it is too long, ends wrongly, or is not UTF-8
     */
    public Optional<String> next() throws IOException {
        buffer.reset();
        int octet = in.read();
        if (octet < 0) {
            return Optional.empty();
        }
        line++;
        int before = -1;
        while (octet != '\n') {
            if (octet < 0) {
                throw fault("it does not end with " + name() + "; the file may have been cut");
            }
            if (buffer.size() == MAX_OCTETS) {
                throw fault("it is longer than " + MAX_OCTETS + " octets");
            }
            buffer.write(octet);
            before = octet;
            octet = in.read();
        }
        boolean carriageReturn = before == '\r';
        if (carriageReturn != (end == LineEnd.CRLF)) {
            throw fault("it ends with " + (carriageReturn ? "CR LF" : "LF alone") + "; lines end with " + name());
        }
        return Optional.of(decode(buffer.size() - (carriageReturn ? 1 : 0)));
    }

    private String name() {
        return end == LineEnd.CRLF ? "CR LF" : "LF";
    }

    private String decode(int length) throws BatchFormatException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(buffer.toByteArray(), 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw fault("it is not UTF-8");
        }
    }

    private BatchFormatException fault(String rule) {
        return BatchFormatException.line(file, line, rule);
    }
}
