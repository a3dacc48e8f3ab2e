package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.cli.Progress;
import org.kiln.personalisation.client.ApiClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln batch}. */
@Command(
        name = "batch",
        description = "Files of orders, as their recipients fetch them.",
        mixinStandardHelpOptions = true,
        subcommands = {
            BatchCommand.ListAll.class,
            BatchCommand.Fetch.class,
            BatchCommand.Acknowledge.class,
            BatchCommand.Submit.class
        },
        footer = {
            "",
            "Examples:",
            "  kiln batch list --as acme",
            "  kiln batch acknowledge 5f0c… --partner acme --answer acme.ack --as acme",
            "  kiln batch submit 5f0c… --batch cards.kiln --as acme",
            "  kiln batch fetch 5f0c… --partner acme --out acme.kiln --as acme   goes on where a broken one stopped"
        })
final class BatchCommand {

    private BatchCommand() {}

    @Command(name = "list", description = "lists the files that are there for you", mixinStandardHelpOptions = true)
    static final class ListAll extends ApiCommand {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(ServerOption.API + "/files");
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items")
                    .forEach(file -> out.printf(
                            "%s  %-14s %-12s %s%n",
                            text(file, "orderId"), text(file, "share"), text(file, "state"), text(file, "sha256")));
        }
    }

    @Command(name = "fetch", description = "fetches a file", mixinStandardHelpOptions = true)
    static final class Fetch extends ApiCommand {

        @Parameters(paramLabel = "ID", description = "the order")
        private String id = "";

        @Option(names = "--partner", required = true, paramLabel = "NAME", description = "whose file")
        private String partner = "";

        @Option(names = "--out", required = true, paramLabel = "FILE")
        private Path target = Path.of("");

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            String path = ServerOption.API + "/orders/" + id + "/files/" + partner;
            try (FetchProgress progress = new FetchProgress()) {
                client.download(path, target.toAbsolutePath(), progress);
            }
            for (JsonNode file : client.get(ServerOption.API + "/files").path("items")) {
                if (text(file, "orderId").equals(id)) {
                    return file;
                }
            }
            return client.get(ServerOption.API + "/files");
        }

        @Override
        void print(JsonNode answer) {
            out.printf("%s fetched, SHA-256 %s%n", target, text(answer, "sha256"));
        }
    }

    /** How far a file has come, once it is known how long it is. */
    private static final class FetchProgress implements ApiClient.Arrival, AutoCloseable {

        private @Nullable Progress progress;

        @Override
        public void reached(long octets, long total) {
            if (progress == null) {
                progress = new Progress("file", "octets", Math.max(1, total));
            }
            progress.reach(octets);
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
            }
        }
    }

    @Command(
            name = "acknowledge",
            description = "hands a signed answer in, which 'kiln recipient acknowledge' makes",
            mixinStandardHelpOptions = true)
    static final class Acknowledge extends ApiCommand {

        @Parameters(paramLabel = "ID", description = "the order")
        private String id = "";

        @Option(names = "--partner", required = true, paramLabel = "NAME", description = "whose file")
        private String partner = "";

        @Option(names = "--answer", required = true, paramLabel = "FILE")
        private Path answer = Path.of("");

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            String path = ServerOption.API + "/orders/" + id + "/files/" + partner + "/acknowledgement";
            return client.send("POST", path, "application/cms", Files.readAllBytes(answer));
        }

        @Override
        void print(JsonNode order) {
            out.printf("order %s is %s%n", text(order, "id"), text(order, "state"));
        }
    }

    @Command(
            name = "submit",
            description =
                    "hands in the cards of an order whose keys the vendor makes: a batch file, signed and encrypted",
            mixinStandardHelpOptions = true)
    static final class Submit extends ApiCommand {

        @Parameters(paramLabel = "ID", description = "the order, which is AWAITED")
        private String id = "";

        @Option(names = "--batch", required = true, paramLabel = "FILE")
        private Path batch = Path.of("");

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.upload(ServerOption.API + "/orders/" + id + "/cards", "application/cms", batch);
        }

        @Override
        void print(JsonNode order) {
            out.printf(
                    "order %s is %s, %d cards taken%n",
                    text(order, "id"), text(order, "state"), order.path("made").asLong());
        }
    }
}
