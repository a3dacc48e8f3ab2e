package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/**
 * A Prometheus scrapes a node that works, and every expression of the dashboard and of the alerts is asked of it; where it is
 * installed.
 */
class PrometheusTest {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final Path OPERATIONS = Path.of("..", "docs", "operations");
    private static final int TRIES = 120;

    /** What this node has none of: it knows no list of revocations. */
    private static final String SILENT = "kiln_revocation_list_left_seconds";

    /** A comparison filters series by their values; made to answer 0 or 1 it shows whether there are any. */
    private static final Pattern COMPARISON = Pattern.compile(" (==|<|>) (?=[0-9])");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private static List<String> expressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        new ObjectMapper()
                .readTree(OPERATIONS.resolve("dashboard.json").toFile())
                .path("panels")
                .forEach(panel -> panel.path("targets")
                        .forEach(target -> expressions.add(target.path("expr").asText())));
        new ObjectMapper(new YAMLFactory())
                .readTree(OPERATIONS.resolve("alerts.yaml").toFile())
                .at("/groups/0/rules")
                .forEach(rule -> expressions.add(rule.path("expr").asText()));
        return expressions;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Process prometheus(String node, int port) throws IOException {
        Path configuration = Files.writeString(folder.resolve("prometheus.yaml"), """
                        global: {scrape_interval: 1s}
                        scrape_configs:
                          - job_name: kiln
                            static_configs: [{targets: ['%s']}]
                        """.formatted(node));
        try {
            return new ProcessBuilder(
                            "prometheus",
                            "--config.file=" + configuration,
                            "--storage.tsdb.path=" + folder.resolve("series"),
                            "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("prometheus.log").toFile())
                    .start();
        } catch (IOException e) {
            return abort("prometheus is not installed (apt-get install prometheus): no expression is tried");
        }
    }

    private static void importSubscribers(String data) throws Exception {
        KilnProcess.succeed(
                "transport-key",
                "import",
                "--data",
                data,
                "--label",
                "example-in",
                "--partner",
                "example",
                "--direction",
                "incoming",
                "--until",
                "2099-12-31",
                "--component",
                EXAMPLES.resolve("component-alice.txt").toString(),
                "--component",
                EXAMPLES.resolve("component-bob.txt").toString());
        KilnProcess.succeed(
                "subscriber",
                "import",
                "--data",
                data,
                EXAMPLES.resolve("subscribers.csv").toString());
    }

    private static void ask(ApiClient network, String supi) throws Exception {
        network.post(
                "/nudm-ueau/v1/" + supi + "/security-information/generate-auth-data",
                new ObjectMapper()
                        .createObjectNode()
                        .put("servingNetworkName", "5G:mnc001.mcc001.3gppnetwork.org")
                        .put("ausfInstanceId", "3fa85f64-5717-4562-b3fc-2c963f66afa6"));
    }

    /** What of {@code expressions} yields no series now. */
    private static Set<String> withoutSeries(int port, Set<String> expressions) throws Exception {
        Set<String> without = new TreeSet<>();
        for (String expression : expressions) {
            String asked = COMPARISON
                    .matcher(expression.replace("$instance", ".*").replace("$__rate_interval", "1m"))
                    .replaceAll(" $1 bool ");
            HttpResponse<String> answer = HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/query?query="
                                    + URLEncoder.encode(asked, StandardCharsets.UTF_8)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            JsonNode json = new ObjectMapper().readTree(answer.body());
            assertThat(json.path("status").asText()).as(asked + ": " + json).isEqualTo("success");
            if (json.at("/data/result").isEmpty()) {
                without.add(expression);
            }
        }
        return without;
    }

    private static void awaitReady(int port) throws Exception {
        for (int i = 0; ; i++) {
            try {
                HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/-/ready"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
                return;
            } catch (IOException e) {
                if (i == TRIES) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(500);
            }
        }
    }

    @Test
    void everyExpressionHasSeriesOnceANodeHasWorked() throws Exception {
        Shop shop = new Shop(folder);
        importSubscribers(shop.data());
        try (KilnProcess kiln = shop.up();
                ApiClient network = shop.client(kiln, "udm")) {
            int port = freePort();
            Process prometheus = prometheus(kiln.lab(), port);
            try {
                awaitReady(port);
                shop.stock(kiln, "profile-milenage-uicc.yaml");
                shop.settled(kiln, shop.ordered(kiln, shop.order("watched", 20)));
                Set<String> without = new TreeSet<>(expressions());
                assertThat(without).hasSizeGreaterThan(40);
                for (int i = 0; i < TRIES && !without.equals(silent(without)); i++) {
                    ask(network, "imsi-00101000000010" + (1 + i % 2));
                    TimeUnit.MILLISECONDS.sleep(500);
                    without = withoutSeries(port, without);
                }
                assertThat(without).isEqualTo(silent(new TreeSet<>(expressions())));
            } finally {
                prometheus.destroy();
                prometheus.waitFor();
            }
        }
    }

    private static Set<String> silent(Set<String> expressions) {
        return expressions.stream()
                .filter(expression -> expression.contains(SILENT))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
