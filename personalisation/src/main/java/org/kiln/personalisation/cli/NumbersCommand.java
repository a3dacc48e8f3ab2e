package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.document.Documents;
import picocli.CommandLine.Command;
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
            NumbersCommand.Release.class
        },
        footer = {
            "",
            "Examples:",
            "  kiln numbers add examples/numbers.yaml",
            "  kiln numbers show lab-imsi",
            "  kiln numbers release lab-imsi 001010000000001   once no card with these numbers exists any more"
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
            answer.path("blocks")
                    .forEach(block -> out.printf(
                            "  %-30s %10d  %-12s order %s%n",
                            text(block, "first"),
                            block.path("count").asLong(),
                            text(block, "state"),
                            text(block, "orderId")));
        }
    }

    @Command(
            name = "release",
            description = "has quarantined numbers given again: first make sure that no card with one of them exists",
            mixinStandardHelpOptions = true)
    static final class Release extends ApiCommand {

        @Parameters(index = "0", paramLabel = "RANGE")
        private String name = "";

        @Parameters(index = "1", paramLabel = "FIRST", description = "the first number of the quarantined block")
        private String first = "";

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act(RANGES + "/" + name + "/blocks/" + first + "/release");
        }

        @Override
        void print(JsonNode answer) {
            out.printf(
                    "%d numbers from %s are given again%n", answer.path("count").asLong(), text(answer, "first"));
        }
    }
}
