package org.kiln.kms.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.kiln.kms.check.ConfigurationCheck;
import org.kiln.kms.check.Finding;
import org.kiln.kms.check.Findings;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.Expiry;
import org.kiln.kms.store.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln config}. */
@Command(name = "config", description = "The configuration of a data folder.", mixinStandardHelpOptions = true)
public final class ConfigCommand {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final List<String> rooms;
    private final Function<Database, Stream<Expiry>> partners;

    /**
     * @param rooms whose tables are in the database
     * @param partners certificates of partners in a database
     */
    public ConfigCommand(List<String> rooms, Function<Database, Stream<Expiry>> partners) {
        this.rooms = rooms;
        this.partners = partners;
    }

    @Command(
            name = "check",
            description = {
                "Looks at kiln.yaml and at all that it names, before a node starts.",
                "Settings and files, who may read secrets, certificates and revocation lists, the module and the token, ports,"
                        + " the database. Logs in nowhere and changes nothing; works beside a running node. Each line says OK,"
                        + " WARN or ERROR, which setting, what it is like and what to do."
            },
            exitCodeListHeading = "Exit codes:%n",
            exitCodeList = {"0:all is well", "1:there are warnings", "2:there are errors, or the command was wrong"},
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  kiln config check --data /srv/kiln",
                "  kiln config check --data /srv/kiln --json | jq '.findings[] | select(.level != \"ok\")'",
                "  kiln config check --data var --lab"
            })
    int check(
            @Option(
                            names = "--data",
                            paramLabel = "DIR",
                            defaultValue = "var",
                            description = "the data folder (default: ${DEFAULT-VALUE})")
                    Path data,
            @Option(names = "--lab", description = "as 'kiln up --lab' would start it") boolean laboratory,
            @Option(names = "--json", description = "one JSON object in place of lines") boolean json)
            throws IOException {
        Findings findings =
                new ConfigurationCheck(new DataFolder(data), laboratory, Instant.now(), rooms, partners).run();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(findings));
        } else {
            findings.all().forEach(out::println);
            out.println(findings.count(Finding.Level.ERROR) + " errors, " + findings.count(Finding.Level.WARN)
                    + " warnings");
        }
        out.flush();
        return findings.exitCode();
    }

    private static String json(Findings findings) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode report = mapper.createObjectNode()
                .put("errors", findings.count(Finding.Level.ERROR))
                .put("warnings", findings.count(Finding.Level.WARN));
        ArrayNode list = report.putArray("findings");
        for (Finding each : findings.all()) {
            list.addObject()
                    .put("level", each.level().name().toLowerCase(Locale.ROOT))
                    .put("subject", each.subject())
                    .put("text", each.text())
                    .put("advice", each.advice());
        }
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(report);
    }
}
