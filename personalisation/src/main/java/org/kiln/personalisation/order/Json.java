package org.kiln.personalisation.order;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Map;

/** Orders and rows as JSON: strict in what it reads. */
public final class Json {

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final TypeReference<Map<String, String>> STRINGS = new TypeReference<>() {};

    private Json() {}

    /**
     * Reads an order.
     *
     * @throws OrderException naming the line, the column and the rule that is broken
     */
    public static CardOrder readOrder(byte[] json) {
        try {
            return MAPPER.readValue(json, CardOrder.class);
        } catch (JsonProcessingException e) {
            throw new OrderException(describe(e));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String describe(JsonProcessingException e) {
        String rule = e.getCause() instanceof IllegalArgumentException broken && broken.getMessage() != null
                ? broken.getMessage()
                : e.getOriginalMessage().lines().findFirst().orElse("malformed");
        return e.getLocation() == null
                ? "the order: " + rule
                : "the order, line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ": " + rule;
    }

    static String write(CardOrder order) {
        return text(order);
    }

    /** A row of names and values. */
    public static String writeRow(Map<String, String> row) {
        return text(row);
    }

    /** The row that {@link #writeRow} wrote. */
    public static Map<String, String> readRow(String json) {
        try {
            return MAPPER.readValue(json, STRINGS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
