package org.kiln.personalisation.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.personalisation.Seeds;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.profile.CardProfile;

/** Whatever arrives is a document or is refused as one; nothing else escapes. */
class DocumentsFuzzTest {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final int MUTANTS = 400;

    /** Some twenty seconds of work for each minute of a long run. */
    private static final long LONGER = 1 + 10 * Long.getLong("kiln.fuzz.minutes", 0);

    private record Example(Class<?> type, byte[] json) {}

    private static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith("profile-"))
                    .sorted()
                    .toList()) {
                examples.add(new Example(CardProfile.class, json(YAML.readTree(file.toFile()))));
            }
        }
        JsonNode order = ((ObjectNode) YAML.readTree(
                        EXAMPLES.resolve("order-milenage-uicc.yaml").toFile()))
                .put("idempotencyKey", "k-1")
                .put("deliveryCertificate", "-----BEGIN CERTIFICATE-----")
                .put("dueDate", "2027-01-31");
        examples.add(new Example(CardOrder.class, json(order)));
        for (JsonNode range : YAML.readTree(EXAMPLES.resolve("numbers.yaml").toFile())) {
            examples.add(new Example(NumberRange.class, json(range)));
        }
        ObjectNode partner = YAML.createObjectNode()
                .put("name", "ota")
                .put("transportKey", "ota-out")
                .put("certificate", "-----BEGIN CERTIFICATE-----");
        examples.add(new Example(Partner.class, json(partner)));
        return examples;
    }

    private static byte[] json(JsonNode node) {
        return node.toPrettyString().getBytes(StandardCharsets.UTF_8);
    }

    static Stream<Arguments> seeded() throws IOException {
        List<Example> examples = examples();
        return (Long.getLong("kiln.fuzz.minutes") == null ? Seeds.of(3) : LongStream.of(System.nanoTime()))
                .boxed()
                .flatMap(seed -> examples.stream().map(example -> Arguments.of(seed, example)));
    }

    @ParameterizedTest
    @MethodSource("seeded")
    void mutantsAreReadOrRefused(long seed, Example example) {
        assertThat(Documents.readJson("it", example.json(), example.type())).isNotNull();
        Random random = Seeds.random(seed);
        for (int i = 0; i < MUTANTS * LONGER; i++) {
            byte[] mutant = Seeds.mutate(example.json(), random);
            require(seed, () -> Documents.readJson("it", mutant, example.type()), mutant);
            require(seed, () -> Documents.readYaml("it", mutant, example.type()), mutant);
            require(seed, () -> Documents.yamlAsJson("it", mutant), mutant);
        }
    }

    private static void require(long seed, Runnable reading, byte[] mutant) {
        try {
            reading.run();
        } catch (DocumentException e) {
            assertThat(e.getMessage()).as("seed %d", seed).startsWith("it").hasSizeLessThan(2_000);
        } catch (RuntimeException | StackOverflowError e) {
            fail("seed " + seed + ": " + new String(mutant, StandardCharsets.ISO_8859_1), e);
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
