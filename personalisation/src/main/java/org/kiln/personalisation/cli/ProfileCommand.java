package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.document.Documents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kiln profile}. */
@Command(
        name = "profile",
        description = "What cards are: profiles have versions, which never change; a second person publishes each.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ProfileCommand.Add.class,
            ProfileCommand.ListAll.class,
            ProfileCommand.Show.class,
            ProfileCommand.Publish.class,
            ProfileCommand.Retire.class
        },
        footer = {
            "",
            "Examples:",
            "  kiln profile add examples/profile-milenage-uicc.yaml --as operator",
            "  kiln profile publish milenage-uicc 1 --as approver",
            "  kiln profile list"
        })
final class ProfileCommand {

    private static final String PROFILES = ServerOption.API + "/profiles";

    private ProfileCommand() {}

    private static void line(JsonNode version) {
        System.out.printf(
                "%-30s %4d  %-9s  by %s%s%n",
                version.path("profile").path("name").asText(),
                version.path("version").asInt(),
                version.path("state").asText(),
                version.path("createdBy").asText(),
                version.hasNonNull("publishedBy")
                        ? ", published by " + version.path("publishedBy").asText()
                        : "");
    }

    @Command(name = "add", description = "adds a version, as a draft", mixinStandardHelpOptions = true)
    static final class Add extends ApiCommand {

        @Parameters(paramLabel = "FILE", description = "the profile, YAML")
        private Path file = Path.of("");

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.post(PROFILES, Documents.yamlAsJson(file.toString(), Files.readAllBytes(file)));
        }

        @Override
        void print(JsonNode answer) {
            line(answer);
        }
    }

    @Command(name = "list", description = "lists all versions", mixinStandardHelpOptions = true)
    static final class ListAll extends ApiCommand {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(PROFILES);
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items").forEach(ProfileCommand::line);
        }
    }

    /** A command about one version. */
    abstract static class OfVersion extends ApiCommand {

        @Parameters(index = "0", paramLabel = "NAME")
        private String name = "";

        @Parameters(index = "1", paramLabel = "VERSION")
        private int version;

        final String path() {
            return PROFILES + "/" + name + "/" + version;
        }

        @Override
        void print(JsonNode answer) {
            line(answer);
        }
    }

    @Command(name = "show", description = "shows a version whole", mixinStandardHelpOptions = true)
    static final class Show extends OfVersion {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(path());
        }

        @Override
        void print(JsonNode answer) {
            out.println(answer.toPrettyString());
        }
    }

    @Command(
            name = "publish",
            description = "lets a draft be ordered; for somebody else than wrote it",
            mixinStandardHelpOptions = true)
    static final class Publish extends OfVersion {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act(path() + "/publish");
        }
    }

    @Command(name = "retire", description = "lets a version be ordered no more", mixinStandardHelpOptions = true)
    static final class Retire extends OfVersion {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act(path() + "/retire");
        }
    }
}
