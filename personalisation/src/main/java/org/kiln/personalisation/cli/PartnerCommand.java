package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.partner.Partner;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.output.OutputFormat;
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
                partner.path("format").path("type").asText(),
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
                paramLabel = "FILE",
                description = "a format and its template, YAML, as in examples/formats (default: Kiln's CSV)")
        private @Nullable Path format;

        @Option(
                names = "--openpgp",
                paramLabel = "FILE",
                description = "his OpenPGP certificate: files are no CMS then")
        private @Nullable Path openPgp;

        @Option(
                names = "--column-key",
                paramLabel = "COLUMN=LABEL",
                description = "a transport key of its own for a column")
        private Map<String, String> columnKeys = new TreeMap<>();

        @Option(
                names = "--key-wrapping",
                description = "${COMPLETION-CANDIDATES} (default: what the format is used to)")
        private @Nullable Wrapping keyWrapping;

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            Partner partner = new Partner(
                    name,
                    transportKey,
                    columnKeys,
                    Files.readString(certificate),
                    acknowledgement == null ? null : Files.readString(acknowledgement),
                    openPgp == null ? null : Files.readString(openPgp),
                    format == null
                            ? null
                            : Documents.readYaml(format.toString(), Files.readAllBytes(format), OutputFormat.class),
                    keyWrapping);
            return client.put(PARTNERS + "/" + name, Documents.tree(partner));
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
