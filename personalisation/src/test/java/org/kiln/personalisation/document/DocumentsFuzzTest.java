package org.kiln.personalisation.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.fuzz.Fuzz;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.profile.CardProfile;

/** Whatever arrives is a document or is refused as one; nothing else escapes. */
class DocumentsFuzzTest {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @Test
    void profiles() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            fuzz(
                    CardProfile.class,
                    files.filter(each -> each.getFileName().toString().startsWith("profile-"))
                            .sorted()
                            .map(DocumentsFuzzTest::yaml)
                            .toList());
        }
    }

    @Test
    void orders() {
        fuzz(
                CardOrder.class,
                List.of(((ObjectNode) yaml(EXAMPLES.resolve("order-milenage-uicc.yaml")))
                        .put("idempotencyKey", "k-1")
                        .put("deliveryCertificate", "-----BEGIN CERTIFICATE-----")
                        .put("dueDate", "2027-01-31")));
    }

    @Test
    void ranges() {
        fuzz(
                NumberRange.class,
                yaml(EXAMPLES.resolve("numbers.yaml")).valueStream().toList());
    }

    @Test
    void partners() {
        fuzz(
                Partner.class,
                List.of(YAML.createObjectNode()
                        .put("name", "ota")
                        .put("transportKey", "ota-out")
                        .put("certificate", "-----BEGIN CERTIFICATE-----")));
    }

    private static JsonNode yaml(Path file) {
        try {
            return YAML.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fuzz(Class<?> type, List<? extends JsonNode> examples) {
        byte[][] inputs = examples.stream()
                .map(node -> node.toPrettyString().getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        for (byte[] input : inputs) {
            assertThat(Documents.readJson("it", input, type)).isNotNull();
        }
        assertThat(Fuzz.of(type.getSimpleName(), inputs).run(mutant -> {
                    require(() -> Documents.readJson("it", mutant, type));
                    require(() -> Documents.readYaml("it", mutant, type));
                    require(() -> Documents.yamlAsJson("it", mutant));
                }))
                .isPositive();
    }

    private static void require(Runnable reading) {
        try {
            reading.run();
        } catch (DocumentException e) {
            assertThat(e.getMessage()).startsWith("it").hasSizeLessThan(500);
        }
    }

    /** As found by a long run, for a name, a type and a value. */
    @Test
    void aRefusalDoesNotRepeatAllThatWasSent() {
        String sent = "8".repeat(2048);
        for (String json : List.of("{\"" + sent + "\":1}", sent, "{\"quantity\":\"" + sent + "\"}")) {
            assertThatThrownBy(() ->
                            Documents.readJson("the order", json.getBytes(StandardCharsets.US_ASCII), CardOrder.class))
                    .isInstanceOf(DocumentException.class)
                    .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(500));
        }
    }

    /** Octets that no decoder takes: UTF-8, UTF-16 and UTF-32 that are none, and nothing at all. */
    @ParameterizedTest
    @ValueSource(
            strings = {"", "ff", "7b22ff227d", "0000007bffffffff", "feff00", "0000feff00", "7b000000227b0000", "efbb"})
    void whatIsNoTextIsRefused(String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> Documents.readJson("the order", octets, CardOrder.class))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith("the order");
        assertThatThrownBy(() -> Documents.readYaml("the order", octets, CardOrder.class))
                .isInstanceOf(DocumentException.class);
    }
}
