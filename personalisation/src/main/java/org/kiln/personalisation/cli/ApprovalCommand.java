package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.kiln.kms.approval.Act;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.personalisation.client.ApiClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln approval}. */
@Command(
        name = "approval",
        description = {
            "Acts that need two people (approvals in kiln.yaml): one asks, another approves, and then the act is done at the",
            "terminal, once. What must be asked for, a command says that is refused without approval."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            ApprovalCommand.ListAll.class,
            ApprovalCommand.Ask.class,
            ApprovalCommand.Approve.class,
            ApprovalCommand.Reject.class
        },
        footer = {
            "",
            "Examples:",
            "  kiln approval request storage-key-rotation SK-2 --reason 'yearly' --as officer",
            "  kiln approval request roles --file kiln-new.yaml --reason 'a second HSS' --as officer",
            "  kiln approval list",
            "  kiln approval approve 7f3a91c2e0 --as officer-2"
        })
final class ApprovalCommand {

    private static final String APPROVALS = "/kiln/v1/approvals";

    private ApprovalCommand() {}

    /** A command that prints approvals. */
    abstract static class OfApprovals extends ApiCommand {

        @Override
        void print(JsonNode answer) {
            if (answer.has("items")) {
                answer.path("items").forEach(this::line);
                answer.path("waitingElsewhere").forEach(this::elsewhere);
            } else {
                line(answer);
            }
        }

        private void line(JsonNode approval) {
            out.printf(
                    "%s %-8s %s %s%n  asked for by %s at %s (%s)%s; until %s%n",
                    text(approval, "id"),
                    text(approval, "state"),
                    text(approval, "act"),
                    text(approval, "object"),
                    text(approval, "requester"),
                    text(approval, "requestedAt"),
                    text(approval, "reason"),
                    text(approval, "decider").isEmpty() ? "" : ", decided by " + text(approval, "decider"),
                    text(approval, "expiresAt"));
        }

        private void elsewhere(JsonNode waiting) {
            out.printf(
                    "%-10s WAITING  %s %s%n  asked for by %s at %s; until %s; approve it with: %s%n",
                    "-",
                    text(waiting, "act"),
                    text(waiting, "object"),
                    text(waiting, "requester"),
                    text(waiting, "requestedAt"),
                    text(waiting, "expiresAt"),
                    text(waiting, "approveWith"));
        }
    }

    @Command(
            name = "list",
            description = {
                "lists what waits, and what was decided or done within thirty days; for operators and auditors, drafts of",
                "profiles and orders that wait for a second person too"
            },
            mixinStandardHelpOptions = true)
    static final class ListAll extends OfApprovals {

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.get(APPROVALS);
        }
    }

    @Command(name = "request", description = "asks for an act", mixinStandardHelpOptions = true)
    static final class Ask extends OfApprovals {

        @Parameters(index = "0", paramLabel = "ACT", description = "such as transport-key-creation")
        private String act = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "OBJECT",
                description = "to what, in the words of the command that was refused")
        private String object = "";

        @Option(
                names = "--file",
                paramLabel = "YAML",
                description = "of act roles: the configuration as it is to be, in place of OBJECT")
        private Path file = Path.of("");

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "why, for whoever approves")
        private String reason = "";

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            boolean byFile = !file.toString().isEmpty();
            if (byFile == !object.isEmpty() || (byFile && !act.equals(Act.ROLES.label()))) {
                throw new ConfigurationException("give OBJECT, or of act roles --file");
            }
            return client.post(
                    APPROVALS,
                    Map.of(
                            "act", act,
                            "object", byFile ? KilnConfiguration.rolesDigest(file) : object,
                            "reason", reason));
        }
    }

    @Command(
            name = "approve",
            description = "lets an act be done; for somebody else than asked for it",
            mixinStandardHelpOptions = true)
    static final class Approve extends OfApprovals {

        @Parameters(paramLabel = "ID")
        private String id = "";

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act(APPROVALS + "/" + id + "/approve");
        }
    }

    @Command(
            name = "reject",
            description = "declines an act, or withdraws what one asked for",
            mixinStandardHelpOptions = true)
    static final class Reject extends OfApprovals {

        @Parameters(paramLabel = "ID")
        private String id = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT")
        private String reason = "";

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.post(APPROVALS + "/" + id + "/reject", Map.of("reason", reason));
        }
    }
}
