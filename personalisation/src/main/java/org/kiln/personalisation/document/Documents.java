package org.kiln.personalisation.document;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.util.Map;

/** Reads and writes documents. Unknown, repeated and misplaced members are refused. */
public final class Documents {

    private static final int DEEPEST = 16;
    private static final int LONGEST_RULE = 400;

    private static final ObjectMapper JSON = mapper(JsonMapper.builder(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .build()));
    private static final ObjectMapper YAML = mapper(JsonMapper.builder(new YAMLFactory()));

    private Documents() {}

    private static ObjectMapper mapper(JsonMapper.Builder builder) {
        return builder.addModule(new JavaTimeModule())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .build();
    }

    /**
     * Reads JSON.
     *
     * @param what names the document in messages, such as {@code "the order"}
     * @throws DocumentException naming the line, the column and the rule that is broken
     */
    public static <T> T readJson(String what, byte[] json, Class<T> type) {
        return read(JSON, what, json, type);
    }

    /** As {@link #readJson}, of YAML. */
    public static <T> T readYaml(String what, byte[] yaml, Class<T> type) {
        return read(YAML, what, yaml, type);
    }

    /** YAML as JSON, unchecked but for its syntax. */
    public static JsonNode yamlAsJson(String what, byte[] yaml) {
        return read(YAML, what, yaml, JsonNode.class);
    }

    private static <T> T read(ObjectMapper mapper, String what, byte[] octets, Class<T> type) {
        try {
            T value = mapper.readValue(octets, type);
            if (value == null) {
                throw new DocumentException(what + " is empty");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new DocumentException(describe(what, e));
        } catch (IOException e) { // of octets in memory: they are no text
            throw new DocumentException(what + " is no text in UTF-8");
        }
    }

    private static String describe(String what, JsonProcessingException e) {
        String rule = e.getCause() instanceof IllegalArgumentException broken && broken.getMessage() != null
                ? broken.getMessage()
                : e.getOriginalMessage().lines().findFirst().orElse("malformed").replaceFirst(" \\(for .*", "");
        return e.getLocation() == null
                ? what + ": " + bounded(rule)
                : what + ", line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ": " + bounded(rule);
    }

    /** A rule may repeat what was sent, which may be as long as the sender likes. */
    private static String bounded(String rule) {
        return rule.length() <= LONGEST_RULE ? rule : rule.substring(0, LONGEST_RULE) + "…";
    }

    /** JSON of a document; equal documents give equal text. */
    public static String writeJson(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A document as a tree. */
    public static JsonNode tree(Object value) {
        return JSON.valueToTree(value);
    }

    /** Reads what {@link #writeJson} wrote. */
    public static <T> T readStored(String json, Class<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored " + type.getSimpleName() + " cannot be read", e);
        }
    }

    /** Reads a row of names and values that {@link #writeJson} wrote, in its order. */
    @SuppressWarnings("unchecked") // rows hold texts
    public static Map<String, String> readRow(String json) {
        return readStored(json, java.util.LinkedHashMap.class);
    }

    /** Writes a row of names and values in its own order. */
    public static String writeRow(Map<String, String> row) {
        try {
            return ROWS.writeValueAsString(row);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final ObjectMapper ROWS = new ObjectMapper();
}
