package org.kiln.token;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;

/** Token profiles as YAML. Unknown keys are refused; mechanism numbers are written in hexadecimal. */
public final class ProfileFile {

    private static final ObjectMapper YAML = JsonMapper.builder(YAMLFactory.builder()
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .build())
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .addModule(new SimpleModule().addSerializer(new Hexadecimal()))
            .build();

    private ProfileFile() {}

    static TokenProfile named(String name) {
        try (InputStream in = ProfileFile.class.getResourceAsStream("/token-profiles/" + name + ".yaml")) {
            if (in == null) {
                throw new TokenException("there is no token profile named " + name
                        + " (cloudhsm, luna7, marvell, nshield, softhsm2, utimaco); a profile of your own is a path that"
                        + " ends in .yaml");
            }
            return parse("token profile " + name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new TokenException("token profile " + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a site's own profile.
     *
     * @throws TokenException naming the file and the field that is wrong
     */
    public static TokenProfile read(Path file) {
        try {
            return parse("token profile " + file, Files.readString(file));
        } catch (IOException e) {
            throw new TokenException("the token profile " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static TokenProfile parse(String where, String text) {
        try {
            return YAML.readValue(text, TokenProfile.class);
        } catch (JsonMappingException e) {
            String field = e.getPath().stream()
                    .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                    .collect(Collectors.joining("."));
            String what = e.getCause() instanceof IllegalArgumentException rule
                    ? String.valueOf(rule.getMessage())
                    : String.valueOf(e.getOriginalMessage());
            String place =
                    e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
            throw new TokenException(where + place + (field.isEmpty() ? "" : ", " + field) + ": " + firstLine(what), e);
        } catch (JsonProcessingException e) {
            throw new TokenException(
                    where + ", line " + e.getLocation().getLineNr() + ": " + firstLine(e.getOriginalMessage()), e);
        }
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("malformed");
    }

    /**
     * Writes a new file.
     *
     * @param remark lines that go before it as a comment
     * @throws TokenException if the file exists or cannot be written
     */
    public static void write(TokenProfile profile, Path file, String remark) {
        try {
            String comment = remark.lines().map(line -> "# " + line + "\n").collect(Collectors.joining());
            Files.writeString(file, comment + YAML.writeValueAsString(profile), StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            throw new TokenException(
                    "the token profile " + file + " cannot be written (an existing file is left alone): "
                            + e.getMessage(),
                    e);
        }
    }

    /** Mechanism numbers and key types, as every document writes them. */
    private static final class Hexadecimal extends StdSerializer<Long> {

        private static final long serialVersionUID = 1L;

        Hexadecimal() {
            super(Long.class);
        }

        @Override
        public void serialize(Long value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            generator.writeNumber("0x" + Long.toHexString(value));
        }
    }
}
