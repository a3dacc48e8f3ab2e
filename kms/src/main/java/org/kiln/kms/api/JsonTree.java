package org.kiln.kms.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** Reads small bodies as trees: bounded in depth and length, no member twice. */
final class JsonTree {

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(16)
                            .maxStringLength(4096)
                            .maxNumberLength(20)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonTree() {}

    /** @throws ProblemException (400) if the body is no well-formed JSON */
    static JsonNode read(Buffer body) {
        try {
            return JSON.readTree(body.getBytes());
        } catch (IOException e) {
            throw malformed("the body is no well-formed JSON, or has a member twice");
        }
    }

    static ProblemException malformed(String detail) {
        return new ProblemException(Problem.of(Cause.INVALID_MSG_FORMAT, detail));
    }

    /**
     * A member that is a string; empty if it is absent.
     *
     * @param in where {@code object} stands in the body: empty, or a path that ends with a slash
     */
    static String text(JsonNode object, String in, String name) {
        JsonNode value = object.path(name);
        if (!value.isMissingNode() && !value.isTextual()) {
            throw new ProblemException(Problem.incorrect(in + name, "is no string"));
        }
        return value.asText("");
    }

    /** A member that is a string and not empty. */
    static String required(JsonNode object, String name) {
        String value = text(object, "", name);
        if (value.isEmpty()) {
            throw new ProblemException(Problem.missing(name));
        }
        return value;
    }

    /** A member that is a boolean; false if it is absent. */
    static boolean flag(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw new ProblemException(Problem.incorrect(name, "is neither true nor false"));
        }
        return value.asBoolean(false);
    }
}
