package org.kiln.transfer.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.TextLines;

/** One JSON object a line, each ended by LF. */
final class JsonLines {

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(8).build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)
            .build();

    private final String file;
    private final TextLines lines;

    JsonLines(InputStream in, String file) {
        this.file = file;
        this.lines = new TextLines(in, file, LineEnd.LF);
    }

    long number() {
        return lines.number();
    }

    Optional<ObjectNode> next() throws IOException {
        Optional<String> line = lines.next();
        return line.isEmpty() ? Optional.empty() : Optional.of(parse(line.get()));
    }

    private ObjectNode parse(String line) throws BatchFormatException {
        try {
            if (JSON.readTree(line) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw BatchFormatException.line(file, number(), "it is no JSON object: " + reason(e));
        }
        throw BatchFormatException.line(file, number(), "it is no JSON object");
    }

    /** What is wrong and where, without the text that is wrong. */
    private static String reason(JsonProcessingException e) {
        return e.getLocation() == null
                ? "wrong syntax"
                : "wrong syntax at character " + e.getLocation().getColumnNr();
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static void write(OutputStream out, String file, long line, JsonNode object) throws IOException {
        byte[] octets = JSON.writeValueAsBytes(object);
        if (octets.length > TextLines.MAX_OCTETS) {
            throw BatchFormatException.line(file, line, "it is longer than " + TextLines.MAX_OCTETS + " octets");
        }
        out.write(octets);
        out.write('\n');
    }
}
