package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.document.Documents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln numbers}. */
@Command(
        name = "numbers",
        description = "Ranges of ICCIDs, IMSIs, MSISDNs and EIDs, and which numbers of each were given.",
        mixinStandardHelpOptions = true,
        subcommands = {
            NumbersCommand.Add.class,
            NumbersCommand.ListAll.class,
            NumbersCommand.Show.class,
            NumbersCommand.Quarantined.class,
            NumbersCommand.Quarantine.class,
            NumbersCommand.Release.class
        },
        footer = {
            "",
            "Examples:",
            "  kiln numbers add examples/numbers.yaml",
            "  kiln numbers show lab-imsi",
            "  kiln numbers quarantined lab-imsi",
            "  kiln numbers quarantine lab-imsi 001010000000500 --count 100 --reason 'printed on a lost batch'",
            "  kiln numbers release lab-imsi 001010000000500 --count 10 --reason 'found and shredded'"
        })
final class NumbersCommand {

    private static final String RANGES = ServerOption.API + "/number-ranges";

    private NumbersCommand() {}

    private static void line(JsonNode range) {
        System.out.printf(
                "%-20s %-7s %-14s from %-30s %14d numbers%n",
                range.path("name").asText(),
                range.path("kind").asText(),
                range.path("operator").asText(),
                range.path("first").asText(),
                range.path("size").asLong());
    }

    private static void block(JsonNode block) {
        String order = block.path("orderId").asText();
        String reason = block.path("reason").asText();
        System.out.printf(
                "  %-30s %10d  %-12s %s%s%n",
                block.path("first").asText(),
                block.path("count").asLong(),
                block.path("state").asText(),
                order.isEmpty() ? "nobody has had them" : "order " + order,
                reason.isEmpty() ? "" : ": " + reason);
    }

    @Command(name = "add", description = "enters the ranges of a file", mixinStandardHelpOptions = true)
    static final class Add extends ApiCommand {

        @Parameters(paramLabel = "FILE", description = "a list of ranges, YAML")
        private Path file = Path.of("");

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            List<JsonNode> added = new ArrayList<>();
            for (JsonNode range : Documents.yamlAsJson(file.toString(), Files.readAllBytes(file))) {
                added.add(client.post(RANGES, range));
            }
            return Documents.tree(added);
        }

        @Override
        void print(JsonNode answer) {
            answer.forEach(NumbersCommand::line);
        }
    }

    @Command(name = "list", description = "lists the ranges", mixinStandardHelpOptions = true)
    static final class ListAll extends ApiCommand {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(RANGES);
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items").forEach(NumbersCommand::line);
        }
    }

    @Command(name = "show", description = "shows which numbers of a range were given", mixinStandardHelpOptions = true)
    static final class Show extends ApiCommand {

        @Parameters(paramLabel = "RANGE")
        private String name = "";

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(RANGES + "/" + name);
        }

        @Override
        void print(JsonNode answer) {
            line(answer.path("range"));
            answer.path("blocks").forEach(NumbersCommand::block);
        }
    }

    @Command(
            name = "quarantined",
            description = "lists which numbers of a range are quarantined, and why",
            mixinStandardHelpOptions = true)
    static final class Quarantined extends ApiCommand {

        @Parameters(paramLabel = "RANGE")
        private String name = "";

        @Option(names = "--limit", defaultValue = "50", description = "how many blocks (default: ${DEFAULT-VALUE})")
        private int limit = 50;

        @Option(names = "--after", paramLabel = "FIRST", description = "goes on after the block that begins so")
        private @Nullable String after;

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(
                    RANGES + "/" + name + "/quarantine?limit=" + limit + (after == null ? "" : "&after=" + after));
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items").forEach(NumbersCommand::block);
            if (answer.hasNonNull("next")) {
                out.println("more with --after " + text(answer, "next"));
            }
        }
    }

    /** A command about some numbers of a range. */
    abstract static class OfSomeNumbers extends ApiCommand {

        @Parameters(index = "0", paramLabel = "RANGE")
        private String name = "";

        @Parameters(index = "1", paramLabel = "FIRST", description = "the first of the numbers, without check digits")
        private String first = "";

        @Option(
                names = "--reason",
                required = true,
                paramLabel = "TEXT",
                description = "why, for the list of what is quarantined and the audit log")
        private String reason = "";

        /** Has something done with them. */
        final JsonNode post(ApiClient client, String what, Map<String, Object> more)
                throws IOException, InterruptedException {
            Map<String, Object> numbers = new HashMap<>(more);
            numbers.put("first", first);
            numbers.put("reason", reason);
            return client.post(RANGES + "/" + name + "/" + what, numbers);
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items").forEach(NumbersCommand::block);
        }
    }

    @Command(
            name = "quarantine",
            description = "keeps numbers from being given, until somebody releases them",
            mixinStandardHelpOptions = true)
    static final class Quarantine extends OfSomeNumbers {

        @Option(names = "--count", required = true, paramLabel = "N", description = "how many numbers")
        private long count;

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return post(client, "quarantine", Map.of("count", count));
        }
    }

    @Command(
            name = "release",
            description = "has quarantined numbers given again: first make sure that no card with one of them exists",
            mixinStandardHelpOptions = true)
    static final class Release extends OfSomeNumbers {

        @Option(
                names = "--count",
                paramLabel = "N",
                description = "how many numbers (default: the rest of the block that FIRST is in)")
        private @Nullable Long count;

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return post(client, "release", count == null ? Map.of() : Map.of("count", count));
        }
    }
}
