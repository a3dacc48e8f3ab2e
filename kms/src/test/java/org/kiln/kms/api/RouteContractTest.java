package org.kiln.kms.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Kiln's own OpenAPI file is one, and a file that is none is found out. */
class RouteContractTest {

    static final Path FILE = Path.of("..", "docs", "openapi", "kiln-auc.yaml");

    @Test
    void theFileIsWellFormedAndNamesWhatIsServed() {
        assertThat(new RouteContract(FILE).operations())
                .hasSize(17)
                .contains("GET /health", "GET /metrics")
                .anyMatch(each -> each.startsWith("POST ") && each.endsWith("/generate-auth-data"));
    }

    @Test
    void theFileListsEveryCause() {
        assertThat(new RouteContract(FILE).causes())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(Cause.values()).map(Cause::name).toList());
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("no title", file -> file.getJsonObject("info").remove("title")),
                fault("another version", file -> file.put("openapi", "2.0")),
                fault(
                        "a response without description",
                        file -> file.getJsonObject("components")
                                .getJsonObject("responses")
                                .getJsonObject("NotFound")
                                .remove("description")),
                fault("a schema that is none", file -> schemas(file).put("Supi", new JsonObject().put("type", 7))),
                fault("a reference that leads nowhere", file -> schemas(file).remove("Octets16")),
                fault(
                        "an operation's id twice",
                        file -> file.getJsonObject("paths")
                                .getJsonObject("/health")
                                .getJsonObject("get")
                                .put("operationId", "metrics")),
                fault(
                        "a variable that is no parameter",
                        file -> file.getJsonObject("paths")
                                .put(
                                        "/health/{part}",
                                        file.getJsonObject("paths").remove("/health"))));
    }

    private static JsonObject schemas(JsonObject file) {
        return file.getJsonObject("components").getJsonObject("schemas");
    }

    private static Arguments fault(String what, Consumer<JsonObject> change) {
        return Arguments.of(what, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aFileWithAFaultIsRefused(String what, Consumer<JsonObject> change) {
        JsonObject file = RouteContract.read(FILE).copy();
        assertThatCode(() -> new RouteContract(file.copy())).doesNotThrowAnyException();
        change.accept(file);
        assertThatThrownBy(() -> new RouteContract(file)).isInstanceOf(AssertionError.class);
    }
}
