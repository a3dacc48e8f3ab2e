package org.kiln.transfer.batch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.stream.Collectors;

/** The manifest as JSON: strict when read, always the same octets when written. */
final class ManifestJson {

    private static final JsonMapper MAPPER = mapper();
    private static final ObjectWriter WRITER = writer();

    private ManifestJson() {}

    static byte[] write(Manifest manifest) throws IOException {
        byte[] json = WRITER.writeValueAsBytes(manifest);
        if (json.length > BatchFile.MAX_MANIFEST_OCTETS) {
            throw tooLong();
        }
        return json;
    }

    static Manifest read(InputStream in) throws IOException {
        byte[] json = in.readNBytes(BatchFile.MAX_MANIFEST_OCTETS + 1);
        if (json.length > BatchFile.MAX_MANIFEST_OCTETS) {
            throw tooLong();
        }
        try {
            Manifest manifest = MAPPER.readValue(json, Manifest.class);
            if (manifest == null) {
                throw BatchFormatException.manifest("it is empty");
            }
            return manifest;
        } catch (ValueInstantiationException e) {
            Throwable cause = e.getCause();
            throw BatchFormatException.manifest(
                    cause instanceof IllegalArgumentException && cause.getMessage() != null
                            ? cause.getMessage()
                            : path(e) + e.getOriginalMessage());
        } catch (JsonMappingException e) {
            throw BatchFormatException.manifest(path(e) + e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw BatchFormatException.manifest("not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw e instanceof BatchFormatException
                    ? e
                    : BatchFormatException.manifest("not UTF-8 JSON: " + e.getMessage());
        }
    }

    private static BatchFormatException tooLong() {
        return BatchFormatException.manifest("it is longer than " + BatchFile.MAX_MANIFEST_OCTETS + " octets");
    }

    private static String path(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "" : path + ": ";
    }

    private static JsonMapper mapper() {
        StreamReadConstraints bounds =
                StreamReadConstraints.builder().maxNestingDepth(8).build();
        SimpleModule instants = new SimpleModule("instants")
                .addSerializer(Instant.class, ToStringSerializer.instance)
                .addDeserializer(Instant.class, new InstantText());
        return JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(bounds).build())
                .addModule(instants)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                .withCoercionConfig(
                        LogicalType.Textual,
                        texts -> texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .build();
    }

    private static ObjectWriter writer() {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        return MAPPER.writer(
                new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines));
    }

    private static final class InstantText extends StdDeserializer<Instant> {

        private static final long serialVersionUID = 1L;

        InstantText() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = parser.getValueAsString("");
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw InvalidFormatException.from(parser, "not a time in ISO 8601 UTC", text, Instant.class);
            }
        }
    }
}
