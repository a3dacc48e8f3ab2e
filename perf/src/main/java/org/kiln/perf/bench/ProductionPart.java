package org.kiln.perf.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;
import org.kiln.personalisation.client.ApiClient;

/** Cards of the example's profile, from their order's approval until their file is ready. */
final class ProductionPart {

    private static final String API = "/personalisation/v1";
    private static final String ORDERS = API + "/orders";
    private static final String VENDOR = "acme";
    private static final String TRANSPORT_KEY = "acme-out";
    /** Beyond those of the subscribers that are there. */
    private static final String FIRST_IMSI = "001019000000000";

    private static final int WARM_UP = 10_000;

    /** How the rate of cards is called. */
    private static final String CARDS = "cards";

    /** Beyond so many cards there is one order. */
    private static final int MOST_IN_ALL = 100_000;

    /** With which a batch of a million is to be made. */
    private static final int HEAP_MEBIBYTES = 256;

    /** Ki, and two keysets of three keys: the token makes them, wraps and destroys them. */
    private static final int KEYS = 7;

    /** OPc and five codes: the token is given them, wraps and destroys them. */
    private static final int CODES = 6;

    private static final Pattern WRAPPED =
            Pattern.compile("(?m)^kiln_token_calls_total\\{[^}]*AES_KEY_WRAP[^}]*} ([0-9.E+]+)$");

    private final Figures figures;
    private final Yardsticks yardsticks;
    private final ScratchData data;
    private final Path examples;
    private final Scale scale;
    private int orders;

    /** @param examples the folder with the profile, the ranges and the order */
    ProductionPart(Figures figures, Yardsticks yardsticks, ScratchData data, Path examples, Scale scale) {
        this.figures = figures;
        this.yardsticks = yardsticks;
        this.data = data;
        this.examples = examples;
        this.scale = scale;
    }

    void measure() {
        try {
            new OutgoingKey(data.folder().root(), data.scratch()).make(TRANSPORT_KEY, VENDOR);
            LabAuthority authority = LabAuthority.open(data.folder().pki());
            authority.newClient(VENDOR);
            lanes(scale.threads());
            HeapLog heap = new HeapLog(data.scratch().resolve("cards-gc.log"));
            try (NodeProcess node = Nodes.start(data, Scale.FEW, heap.options(HEAP_MEBIBYTES));
                    ApiClient operator = client(node, "operator");
                    ApiClient approver = client(node, "approver");
                    ApiClient vendor = client(node, VENDOR)) {
                stock(operator, approver);
                double before = wrappings(node);
                var _ = make(vendor, approver, WARM_UP);
                int wrappings = Math.toIntExact(Math.round((wrappings(node) - before) / WARM_UP));
                int rounds = Math.clamp(MOST_IN_ALL / scale.cards(), 1, SideBySide.ROUNDS);
                String how = rounds + " orders of " + scale.cards()
                        + " cards of examples/profile-milenage-uicc.yaml, from approval to file, " + scale.threads()
                        + " lanes";
                figures.take(
                        "cards.wrappings",
                        "wrappings of a card's " + KEYS + " keys and " + CODES + " codes",
                        "wrappings",
                        "an order of " + WARM_UP + " cards before; kiln_token_calls_total",
                        () -> (double) wrappings);
                SideBySide rates = new SideBySide(rounds);
                yardsticks.addCards(rates, CARDS, KEYS, CODES, wrappings, scale.oneThreadAndAll());
                yardsticks.addKeys(rates, CARDS, scale.oneThreadAndAll());
                rates.with(CARDS, "cards", "cards/s", how, () -> rate(vendor, approver));
                rates.into(figures);
                figures.take(
                        CARDS + ".keys",
                        "keys and codes of these cards",
                        "keys/s",
                        how,
                        () -> (KEYS + CODES) * figures.value(CARDS));
                figures.take(
                        "cards.heap",
                        "highest heap after a collection, by then",
                        "MiB",
                        how + "; a node with -Xmx" + HEAP_MEBIBYTES + "m, -Xlog:gc",
                        heap::most);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new BenchException("no cards are made: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        } finally {
            lanes(scale.lanes());
        }
    }

    /** Nobody but the batch wants the processors, as nobody but the C program does. */
    private void lanes(int lanes) {
        data.configure("  lanes: .*", "  lanes: " + lanes);
    }

    private ApiClient client(NodeProcess node, String name) {
        Path pki = data.folder().pki();
        return new ApiClient(
                URI.create("https://127.0.0.1:" + node.port()),
                LabAuthority.open(pki).certificateFile(),
                LabAuthority.client(pki, name));
    }

    private void stock(ApiClient operator, ApiClient approver) throws IOException, InterruptedException {
        JsonNode version = operator.post(API + "/profiles", example("profile-milenage-uicc.yaml"));
        var _ = approver.act(
                API + "/profiles/" + version.path("profile").path("name").asText() + "/"
                        + version.path("version").asInt() + "/publish");
        for (JsonNode range : example("numbers.yaml")) {
            if (range instanceof ObjectNode imsis && range.path("kind").asText().equals("IMSI")) {
                imsis.put("first", FIRST_IMSI);
            }
            var _ = operator.post(API + "/number-ranges", range);
        }
    }

    private JsonNode example(String name) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(Files.readString(examples.resolve(name)));
    }

    private double rate(ApiClient vendor, ApiClient approver) {
        try {
            return scale.cards() / make(vendor, approver, scale.cards());
        } catch (IOException e) {
            throw new BenchException("an order is not made: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }

    /** Seconds from approval to file. */
    private double make(ApiClient vendor, ApiClient approver, int cards) throws IOException, InterruptedException {
        ObjectNode asked = ((ObjectNode) example("order-milenage-uicc.yaml"))
                .put("quantity", cards)
                .put("idempotencyKey", "bench-" + ++orders)
                .put(
                        "deliveryCertificate",
                        Files.readString(
                                LabAuthority.client(data.folder().pki(), VENDOR).certificate(),
                                StandardCharsets.US_ASCII));
        String id = vendor.post(ORDERS, asked).path("id").asText();
        long begun = System.nanoTime();
        var _ = approver.act(ORDERS + "/" + id + "/approve");
        vendor.watch(ORDERS + "/" + id + "/progress", event -> {});
        double seconds = (System.nanoTime() - begun) / 1e9;
        JsonNode order = vendor.get(ORDERS + "/" + id);
        if (!order.path("state").asText().equals("READY")) {
            throw new BenchException("an order is not made: " + order);
        }
        return seconds;
    }

    private static double wrappings(NodeProcess node) throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            String metrics = client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.labPort() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            double wrappings = 0;
            for (Matcher line = WRAPPED.matcher(metrics); line.find(); ) {
                wrappings += Double.parseDouble(line.group(1));
            }
            return wrappings;
        }
    }
}
