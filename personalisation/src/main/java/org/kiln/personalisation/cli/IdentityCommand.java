package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.document.Documents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln identity}. */
@Command(
        name = "identity",
        description = "Credentials for devices that are in the field: each asks for its own, and signs.",
        mixinStandardHelpOptions = true,
        subcommands = {
            IdentityCommand.Issue.class,
            IdentityCommand.ListAll.class,
            IdentityCommand.Show.class,
            IdentityCommand.Fetch.class,
            IdentityCommand.Authenticated.class,
            IdentityCommand.Revoke.class
        },
        footer = {
            "",
            "Examples:",
            "  kiln identity issue request.json --as operator",
            "  kiln identity list",
            "  kiln identity revoke 1b4e28ba-2fa1-11d2-883f-0016d3cca427 --reason stolen"
        })
final class IdentityCommand {

    private static final String IDENTITIES = ServerOption.API + "/identities";

    private IdentityCommand() {}

    private static void line(JsonNode identity) {
        System.out.printf(
                "%s  %-10s %-32s %s%s%n",
                identity.path("id").asText(),
                identity.path("state").asText(),
                identity.path("deviceId").asText(),
                identity.path("supi").asText(),
                identity.hasNonNull("replaces")
                        ? ", from " + identity.path("replaces").asText()
                        : "");
    }

    @Command(
            name = "issue",
            description = {"makes what a device has asked for", "and signed (docs/api.md, Identities)"},
            mixinStandardHelpOptions = true)
    static final class Issue extends ApiCommand {

        @Parameters(paramLabel = "FILE", description = "the device's request, JSON or YAML")
        private Path file = Path.of("");

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.post(IDENTITIES, Documents.yamlAsJson(file.toString(), Files.readAllBytes(file)));
        }

        @Override
        void print(JsonNode answer) {
            line(answer);
        }
    }

    @Command(name = "list", description = "lists the newest", mixinStandardHelpOptions = true)
    static final class ListAll extends ApiCommand {

        @Option(names = "--limit", description = "how many, 50 without", defaultValue = "50")
        private int limit;

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(IDENTITIES + "?limit=" + limit);
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items").forEach(IdentityCommand::line);
        }
    }

    /** A command about one identity. */
    abstract static class OfOne extends ApiCommand {

        @Parameters(paramLabel = "ID")
        private String id = "";

        final String path() {
            return IDENTITIES + "/" + id;
        }

        @Override
        void print(JsonNode answer) {
            line(answer);
        }
    }

    @Command(name = "show", description = "shows one, and what happened to it", mixinStandardHelpOptions = true)
    static final class Show extends OfOne {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            JsonNode identity = client.get(path());
            return Documents.tree(Map.of(
                    "identity",
                    identity,
                    "events",
                    client.get(path() + "/events").path("items")));
        }

        @Override
        void print(JsonNode answer) {
            line(answer.path("identity"));
            for (JsonNode event : answer.path("events")) {
                out.printf(
                        "  %s  %-10s %s: %s%n",
                        text(event, "at"), text(event, "event"), text(event, "actor"), text(event, "detail"));
            }
        }
    }

    @Command(
            name = "package",
            description = "prints what the device gets; only the device can open it",
            mixinStandardHelpOptions = true)
    static final class Fetch extends OfOne {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(path() + "/package");
        }

        @Override
        void print(JsonNode answer) {
            out.println(answer.toPrettyString());
        }
    }

    @Command(
            name = "authenticated",
            description = "says that the device was seen to authenticate, where its network tells no events",
            mixinStandardHelpOptions = true)
    static final class Authenticated extends OfOne {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act(path() + "/authenticated");
        }
    }

    @Command(name = "revoke", description = "withdraws an identity", mixinStandardHelpOptions = true)
    static final class Revoke extends OfOne {

        @Option(names = "--reason", required = true, description = "why, for the record")
        private String reason = "";

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.post(path() + "/revoke", Map.of("reason", reason));
        }
    }
}
