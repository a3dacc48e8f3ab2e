package org.kiln.transfer.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.RecordsFile;
import org.kiln.transfer.batch.RecordsParser;

/** Formats as data, and the parser for batch files of any format. */
public final class OutputFormats {

    /** Reads the records of a batch, whatever their format. */
    public static final RecordsParser PARSER = OutputFormats::parse;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private OutputFormats() {}

    /**
     * A format that stands as JSON, or came from YAML as such a tree.
     *
     * @throws IllegalArgumentException if it is none: the message names the member and its rule
     */
    public static OutputFormat of(JsonNode json) {
        try {
            return JSON.treeToValue(json, OutputFormat.class);
        } catch (ValueInstantiationException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalArgumentException("output format: " + cause.getMessage(), e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("output format: " + e.getOriginalMessage(), e);
        }
    }

    /** The format as JSON. */
    public static ObjectNode toJson(OutputFormat format) {
        return JSON.valueToTree(format);
    }

    /**
     * The format of a batch's records.
     *
     * @throws BatchFormatException if it is none that this release reads
     */
    public static OutputFormat of(Manifest manifest) throws BatchFormatException {
        RecordsFile file = manifest.records();
        if (file == null) {
            return new KilnCsv();
        }
        try {
            OutputFormat format = of(file.format());
            if (!format.fileName().equals(file.name())) {
                throw new IllegalArgumentException("its file is called " + format.fileName());
            }
            format.columns(manifest.columns());
            return format;
        } catch (IllegalArgumentException e) {
            throw BatchFormatException.records(file.name(), "its format cannot be read: " + e.getMessage());
        }
    }

    private static void parse(InputStream in, Manifest manifest, RecordsParser.RecordConsumer consumer)
            throws IOException {
        of(manifest).read(in, OutputHeader.of(manifest), consumer);
    }
}
