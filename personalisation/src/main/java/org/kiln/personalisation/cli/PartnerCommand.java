package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.partner.FileFormat;
import org.kiln.personalisation.partner.Partner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kiln partner}. */
@Command(
        name = "partner",
        description =
                "Who gets files of orders besides the card vendor who orders: another AuC, an OTA platform, care.",
        mixinStandardHelpOptions = true,
        subcommands = {PartnerCommand.Put.class, PartnerCommand.ListAll.class},
        footer = {
            "",
            "Examples:",
            "  kiln partner put --name ota-1 --transport-key ota-1-out --certificate ota-1.pem",
            "  kiln partner list"
        })
final class PartnerCommand {

    private static final String PARTNERS = ServerOption.API + "/partners";

    private PartnerCommand() {}

    private static void line(JsonNode partner) {
        System.out.printf(
                "%-24s %-12s transport key %s%n",
                partner.path("name").asText(),
                partner.path("format").asText(),
                partner.path("transportKey").asText());
    }

    @Command(
            name = "put",
            description = "enters a partner, or changes what is known of him",
            mixinStandardHelpOptions = true)
    static final class Put extends ApiCommand {

        @Option(names = "--name", required = true, description = "as in the register of transport keys")
        private String name = "";

        @Option(names = "--transport-key", required = true, paramLabel = "LABEL", description = "wraps what he gets")
        private String transportKey = "";

        @Option(
                names = "--certificate",
                required = true,
                paramLabel = "FILE",
                description = "X.509 in PEM: files are for it")
        private Path certificate = Path.of("");

        @Option(names = "--acknowledges-with", paramLabel = "FILE", description = "X.509 in PEM, if another than that")
        private @Nullable Path acknowledgement;

        @Option(
                names = "--format",
                defaultValue = "KILN_CSV",
                description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
        private FileFormat format = FileFormat.KILN_CSV;

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            Partner partner = new Partner(
                    name,
                    transportKey,
                    Files.readString(certificate),
                    acknowledgement == null ? null : Files.readString(acknowledgement),
                    format);
            return client.put(PARTNERS + "/" + name, partner);
        }

        @Override
        void print(JsonNode answer) {
            line(answer);
        }
    }

    @Command(name = "list", description = "lists the partners", mixinStandardHelpOptions = true)
    static final class ListAll extends ApiCommand {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(PARTNERS);
        }

        @Override
        void print(JsonNode answer) {
            answer.path("items").forEach(PartnerCommand::line);
        }
    }
}
