package org.kiln.kms.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** 3GPP's OpenAPI files, against which answers are checked. */
final class OpenApi {

    private static final String BASE = "https://3gpp.example/";
    private static final String UEAU = "TS29503_Nudm_UEAU.yaml";

    private static final String UDR = "TS29505_Subscription_Data.yaml";

    private final SchemaRepository repository =
            SchemaRepository.create(new JsonSchemaOptions().setBaseUri(BASE).setDraft(Draft.DRAFT7));

    OpenApi() {
        for (String file : new String[] {UEAU, UDR, "TS29571_CommonData.yaml", "TS29562_Nhss_imsUEAU.yaml"}) {
            repository.dereference(BASE + file, JsonSchema.of(read(file)));
        }
    }

    private static JsonObject read(String file) {
        try (InputStream in = OpenApi.class.getResourceAsStream("/openapi/" + file)) {
            @SuppressWarnings("unchecked")
            Map<String, Object> document = new ObjectMapper(new YAMLFactory()).readValue(in, Map.class);
            return new JsonObject(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails unless {@code answer} is what the schema of Nudm_UEAU with this name says. */
    void require(String schema, JsonObject answer) {
        check(UEAU, schema, answer);
    }

    /** Likewise of the subscription data of the UDR. */
    void requireOfUdr(String schema, JsonObject answer) {
        check(UDR, schema, answer);
    }

    /** Fails unless {@code answer} is a ProblemDetails. */
    void requireProblem(JsonObject answer) {
        check("TS29571_CommonData.yaml", "ProblemDetails", answer);
    }

    private void check(String file, String schema, JsonObject answer) {
        OutputUnit result = repository
                .validator(JsonSchema.of(new JsonObject().put("$ref", BASE + file + "#/components/schemas/" + schema)))
                .validate(answer);
        if (!result.getValid()) {
            throw new AssertionError(answer.encode() + " is no " + schema + ": "
                    + result.toJson().encodePrettily());
        }
    }
}
