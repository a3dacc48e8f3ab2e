package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.cli.Progress;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.document.DocumentException;
import org.kiln.personalisation.document.Documents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln order}. */
@Command(
        name = "order",
        description = {
            "Orders of cards: a vendor asks, a second person approves, keys are made, files fetched and acknowledged,",
            "subscribers activated, and everything not needed destroyed."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            OrderCommand.Enter.class,
            OrderCommand.ListAll.class,
            OrderCommand.Show.class,
            OrderCommand.Approve.class,
            OrderCommand.Reject.class,
            OrderCommand.Cancel.class,
            OrderCommand.Retry.class,
            OrderCommand.Close.class,
            OrderCommand.Watch.class,
            OrderCommand.Events.class,
            OrderCommand.Held.class
        },
        footer = {
            "",
            "Examples:",
            "  kiln order enter examples/order-milenage-uicc.yaml --certificate acme.pem --as acme",
            "  kiln order approve 5f0c… --as approver",
            "  kiln order watch 5f0c…",
            "  kiln order held 5f0c…      what of it is still there"
        })
final class OrderCommand {

    private static final String ORDERS = ServerOption.API + "/orders";

    private OrderCommand() {}

    private static void line(JsonNode order) {
        System.out.printf(
                "%s  %-12s %8d/%d cards of %s/%d for %s%n",
                order.path("id").asText(),
                order.path("state").asText(),
                order.path("made").asInt(),
                order.path("quantity").asInt(),
                order.path("profile").asText(),
                order.path("profileVersion").asInt(),
                order.path("vendor").asText());
    }

    @Command(name = "enter", description = "asks for cards", mixinStandardHelpOptions = true)
    static final class Enter extends ApiCommand {

        @Parameters(paramLabel = "FILE", description = "the order, YAML")
        private Path file = Path.of("");

        @Option(
                names = "--certificate",
                paramLabel = "FILE",
                description = "the vendor's certificate in PEM, unless the order has it as deliveryCertificate")
        private @Nullable Path certificate;

        @Option(
                names = "--key",
                paramLabel = "NAME",
                description = "idempotency key, unless the order has one; without, each call is an order of its own")
        private @Nullable String key;

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            if (!(Documents.yamlAsJson(file.toString(), Files.readAllBytes(file)) instanceof ObjectNode order)) {
                throw new DocumentException(file + " is no order");
            }
            if (certificate != null) {
                order.put("deliveryCertificate", Files.readString(certificate));
            }
            if (key != null || !order.has("idempotencyKey")) {
                order.put("idempotencyKey", key == null ? UUID.randomUUID().toString() : key);
            }
            return client.post(ORDERS, order);
        }

        @Override
        void print(JsonNode answer) {
            line(answer);
        }
    }

    @Command(name = "list", description = "lists the newest orders", mixinStandardHelpOptions = true)
    static final class ListAll extends ApiCommand {

        @Option(names = "--limit", defaultValue = "50", description = "how many (default: ${DEFAULT-VALUE})")
        private int limit = 50;

        @Option(names = "--after", paramLabel = "ID", description = "goes on after this order")
        private @Nullable String after;

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(ORDERS + "?limit=" + limit + (after == null ? "" : "&after=" + after));
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items").forEach(OrderCommand::line);
            if (answer.hasNonNull("next")) {
                out.println("more with --after " + text(answer, "next"));
            }
        }
    }

    /** A command about one order. */
    abstract static class OfOrder extends ApiCommand {

        @Parameters(index = "0", paramLabel = "ID")
        private String id = "";

        final String path() {
            return ORDERS + "/" + id;
        }

        @Override
        void print(JsonNode answer) {
            line(answer);
        }
    }

    /** A command that needs a reason. */
    abstract static class WithReason extends OfOrder {

        @Option(names = "--reason", required = true, description = "kept with the order")
        private String reason = "";

        final Map<String, String> body() {
            return Map.of("reason", reason);
        }
    }

    @Command(name = "show", description = "shows an order and its files", mixinStandardHelpOptions = true)
    static final class Show extends OfOrder {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(path());
        }

        @Override
        void print(JsonNode answer) {
            line(answer);
            answer.path("files")
                    .forEach(file -> out.printf(
                            "  %-20s %-14s %-12s %s%n",
                            text(file, "partner"), text(file, "share"), text(file, "state"), text(file, "sha256")));
        }
    }

    @Command(
            name = "approve",
            description = "has an order made; for somebody else than asked for it",
            mixinStandardHelpOptions = true)
    static final class Approve extends OfOrder {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act(path() + "/approve");
        }
    }

    @Command(name = "reject", description = "declines an order", mixinStandardHelpOptions = true)
    static final class Reject extends WithReason {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.post(path() + "/reject", body());
        }
    }

    @Command(
            name = "cancel",
            description = "gives an order up: keys and files are destroyed, numbers quarantined",
            mixinStandardHelpOptions = true)
    static final class Cancel extends WithReason {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.post(path() + "/cancel", body());
        }
    }

    @Command(name = "retry", description = "goes on with an order that failed", mixinStandardHelpOptions = true)
    static final class Retry extends OfOrder {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act(path() + "/retry");
        }
    }

    @Command(
            name = "close",
            description = "ends an order whose cards are served: all files and their keys are destroyed",
            mixinStandardHelpOptions = true)
    static final class Close extends OfOrder {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act(path() + "/close");
        }
    }

    @Command(name = "watch", description = "shows progress until the cards are made", mixinStandardHelpOptions = true)
    static final class Watch extends OfOrder {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            JsonNode order = client.get(path());
            try (Progress progress =
                    new Progress("cards", "cards", order.path("quantity").asLong())) {
                client.watch(
                        path() + "/progress",
                        event -> progress.reach(event.path("made").asLong()));
            }
            return client.get(path());
        }
    }

    @Command(name = "events", description = "shows who did what with an order", mixinStandardHelpOptions = true)
    static final class Events extends OfOrder {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(path() + "/events");
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items")
                    .forEach(event -> out.printf(
                            "%3d  %-30s %-12s %-18s %s%n",
                            event.path("number").asInt(),
                            text(event, "at"),
                            text(event, "actor"),
                            text(event, "event"),
                            text(event, "detail")));
        }
    }

    @Command(name = "held", description = "counts what of an order is still there", mixinStandardHelpOptions = true)
    static final class Held extends OfOrder {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(path() + "/holdings");
        }

        @Override
        void print(JsonNode answer) {
            out.printf("order %s is %s%n", text(answer, "orderId"), text(answer, "state"));
            answer.path("files")
                    .forEach(file -> out.printf(
                            "file for %-16s %-12s on disk: %-3s  lines in the store: %d%n",
                            text(file, "partner"),
                            text(file, "state"),
                            file.path("onDisk").asBoolean() ? "yes" : "no",
                            file.path("lines").asLong()));
            answer.path("retainedKeys")
                    .properties()
                    .forEach(kept -> out.printf(
                            "retained %-12s %d%n",
                            kept.getKey(), kept.getValue().asLong()));
            answer.path("subscribers")
                    .properties()
                    .forEach(kept -> out.printf(
                            "subscribers %-9s %d%n",
                            kept.getKey(), kept.getValue().asLong()));
        }
    }
}
