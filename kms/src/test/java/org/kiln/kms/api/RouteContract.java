package org.kiln.kms.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** An OpenAPI 3.1 file of Kiln's own, and whether answers are what it lists. Fails by {@link AssertionError}. */
public final class RouteContract {

    private static final String BASE = "https://kiln.example/contract";
    private static final String OPEN_API = "https://spec.openapis.org/oas/3.1/schema/2022-10-07";
    private static final String RESOURCE = "/spec.openapis.org/oas/3.1/schema/2022-10-07";
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    private static final JsonSchemaOptions OPTIONS =
            new JsonSchemaOptions().setBaseUri(BASE).setDraft(Draft.DRAFT202012).setOutputFormat(OutputFormat.Basic);

    private final JsonObject document;
    private final SchemaRepository schemas = SchemaRepository.create(OPTIONS);

    /** Reads a file and holds it against the schema of OpenAPI 3.1, and its own schemas against JSON Schema's. */
    public RouteContract(Path file) {
        this(read(file));
    }

    RouteContract(JsonObject document) {
        this.document = document.copy();
        requireOpenApi();
        requireReferences(document);
        requireOperations();
        schemas.dereference(BASE, JsonSchema.of(document.copy()));
    }

    static JsonObject read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return document(in.readAllBytes(), new ObjectMapper(new YAMLFactory()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonObject document(byte[] text, ObjectMapper reader) throws IOException {
        @SuppressWarnings("unchecked")
        Map<String, Object> content = reader.readValue(text, Map.class);
        return new JsonObject(content);
    }

    private void requireOpenApi() {
        Vertx vertx = Vertx.vertx();
        try (InputStream in = RouteContract.class.getResourceAsStream(RESOURCE)) {
            SchemaRepository meta = SchemaRepository.create(OPTIONS).preloadMetaSchema(vertx.fileSystem());
            meta.dereference(OPEN_API, JsonSchema.of(document(in.readAllBytes(), new ObjectMapper())));
            require(meta, OPEN_API, document.copy(), "OpenAPI 3.1 document");
            JsonObject own = at("#/components/schemas");
            for (String name : own.fieldNames()) {
                require(
                        meta,
                        "https://json-schema.org/draft/2020-12/schema",
                        own.getJsonObject(name).copy(),
                        "JSON schema (" + name + ")");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            vertx.close().await();
        }
    }

    private static void require(SchemaRepository repository, String schema, Object value, String what) {
        OutputUnit result = repository
                .validator(JsonSchema.of(new JsonObject().put("$ref", schema)))
                .validate(value);
        if (!result.getValid()) {
            throw new AssertionError(
                    "this is no " + what + ": " + result.getErrors().getLast());
        }
    }

    private void requireReferences(Object node) {
        switch (node) {
            case JsonObject object -> {
                if (object.getValue("$ref") instanceof String reference) {
                    at(reference);
                }
                object.fieldNames().forEach(name -> requireReferences(object.getValue(name)));
            }
            case JsonArray array -> array.forEach(this::requireReferences);
            case null, default -> {}
        }
    }

    private JsonObject at(String reference) {
        JsonObject found = document;
        for (String step : reference.substring("#/".length()).split("/")) {
            found = found.getJsonObject(step);
            if (found == null) {
                throw new AssertionError(reference + " leads nowhere");
            }
        }
        return found;
    }

    private JsonObject resolved(JsonObject object) {
        return object.getValue("$ref") instanceof String reference ? at(reference) : object;
    }

    /** What the schema of OpenAPI does not see: an operation's id stands once, a path's variables are its parameters. */
    private void requireOperations() {
        Set<String> ids = new TreeSet<>();
        for (String path : document.getJsonObject("paths").fieldNames()) {
            JsonObject item = document.getJsonObject("paths").getJsonObject(path);
            Set<String> variables = new TreeSet<>();
            item.getJsonArray("parameters", new JsonArray())
                    .forEach(parameter ->
                            variables.add(resolved((JsonObject) parameter).getString("name")));
            Set<String> inPath = new TreeSet<>();
            for (String segment : path.split("/")) {
                if (segment.startsWith("{")) {
                    inPath.add(segment.substring(1, segment.length() - 1));
                }
            }
            if (!variables.equals(inPath)) {
                throw new AssertionError(path + " has the parameters " + variables);
            }
            for (String method : item.fieldNames()) {
                if (METHODS.contains(method)
                        && !ids.add(item.getJsonObject(method).getString("operationId"))) {
                    throw new AssertionError(method + " " + path + " has no operationId of its own");
                }
            }
        }
    }

    /** The causes of problems that the file lists. */
    public Set<String> causes() {
        Set<String> causes = new TreeSet<>();
        at("#/components/schemas/Cause").getJsonArray("enum").forEach(cause -> causes.add((String) cause));
        return causes;
    }

    /** Each operation as method and path. */
    public Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        JsonObject paths = document.getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            for (String method : paths.getJsonObject(path).fieldNames()) {
                if (METHODS.contains(method)) {
                    operations.add(method.toUpperCase(Locale.ROOT) + " " + path);
                }
            }
        }
        return operations;
    }

    /** The roles that an operation, as {@link #operations} names it, is open to. */
    public Set<String> roles(String operation) {
        String[] methodAndPath = operation.split(" ", 2);
        Set<String> roles = new TreeSet<>();
        document.getJsonObject("paths")
                .getJsonObject(methodAndPath[1])
                .getJsonObject(methodAndPath[0].toLowerCase(Locale.ROOT))
                .getJsonArray("x-kiln-roles", new JsonArray())
                .forEach(role -> roles.add((String) role));
        return roles;
    }

    /**
     * Fails unless the file lists the answer, for the method and path that were asked for. A path that it has not is
     * answered with 404, a method with 405.
     *
     * @return the operation that answered, as {@link #operations} names it; empty if there is none
     */
    public String require(HttpResponse<String> answer) {
        String method = answer.request().method();
        String path = answer.request().uri().getRawPath();
        JsonObject paths = document.getJsonObject("paths");
        String template = paths.fieldNames().stream()
                .filter(each -> path.matches(each.replaceAll("\\{[^}]*}", "[^/]+")))
                .findFirst()
                .orElse(null);
        if (template == null) {
            requireListed(answer, "NotFound", 404);
            return "";
        }
        JsonObject operation = paths.getJsonObject(template).getJsonObject(method.toLowerCase(Locale.ROOT));
        if (operation == null) {
            requireListed(answer, "MethodNotAllowed", 405);
            return "";
        }
        JsonObject listed = operation.getJsonObject("responses").getJsonObject(Integer.toString(answer.statusCode()));
        if (listed == null) {
            throw new AssertionError(method + " " + template + " does not list " + answer.statusCode());
        }
        requireListed(answer, resolved(listed));
        return method + " " + template;
    }

    private void requireListed(HttpResponse<String> answer, String response, int status) {
        if (answer.statusCode() != status) {
            throw new AssertionError(answer + " is not " + status);
        }
        requireListed(answer, at("#/components/responses/" + response));
    }

    private void requireListed(HttpResponse<String> answer, JsonObject listed) {
        JsonObject headers = listed.getJsonObject("headers", new JsonObject());
        for (String header : headers.fieldNames()) {
            if (resolved(headers.getJsonObject(header)).getBoolean("required", false)
                    && answer.headers().firstValue(header).isEmpty()) {
                throw new AssertionError(answer + " has no " + header);
            }
        }
        JsonObject content = listed.getJsonObject("content", new JsonObject());
        if (content.isEmpty()) {
            if (!answer.body().isEmpty()) {
                throw new AssertionError(answer + " has a body");
            }
            return;
        }
        String type = answer.headers().firstValue("content-type").orElse("").split(";", 2)[0];
        if (!content.containsKey(type)) {
            throw new AssertionError(answer + " is of type " + type);
        }
        if (type.endsWith("json")) {
            requireSchema(content.getJsonObject(type).getJsonObject("schema"), new JsonObject(answer.body()));
        }
    }

    private void requireSchema(JsonObject schema, JsonObject body) {

        JsonObject based = schema.copy();
        if (schema.getValue("$ref") instanceof String reference) {
            based.put("$ref", BASE + reference);
        }
        OutputUnit result = schemas.validator(JsonSchema.of(based)).validate(body);
        if (!result.getValid()) {
            throw new AssertionError(
                    body.encode() + " is not what is listed: " + result.toJson().encodePrettily());
        }
    }
}
