package org.kiln.kms.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.kiln.kms.approval.Act;
import org.kiln.kms.approval.Approvals;
import org.kiln.kms.provisioning.ExportSelection;
import org.kiln.kms.provisioning.LoadFileException;
import org.kiln.kms.provisioning.SubscriberExport.Outcome;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.transfer.numbering.Supi;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln subscriber export}. */
@Command(
        name = "export",
        description = {
            "Writes subscribers as a load file for another authentication centre, their keys wrapped under an",
            "outgoing transport key: all of them, or some. FILE appears whole or not at all, its SHA-256",
            "beside it in FILE.sha256. An export that is broken off is begun anew. Works beside a running",
            "'kiln up'.",
            "",
            "Whoever has this command, the token's PIN and the partner's key has every Ki. With approvals in",
            "kiln.yaml it needs two people, once for each export, also for one that is broken off."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  kiln subscriber export --data var --transport-key hlr2-out --prefix 00101 --out moved.csv"
        })
final class SubscriberExportCommand implements Callable<Integer> {

    @Mixin
    private DataOption data = new DataOption();

    @Option(
            names = "--transport-key",
            paramLabel = "LABEL",
            required = true,
            description = "an outgoing key; the other side has it as an incoming one, under the same label")
    private String transportKey = "";

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "the load file to write")
    private Path out = Path.of("");

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "24",
            description = {
                "how long this centre may go on serving them until the other begins: sequence numbers in the",
                "file are beyond all that are handed out until then (default: ${DEFAULT-VALUE})"
            })
    private int hours;

    @ArgGroup
    private Choice choice = new Choice();

    /** Whom. */
    static final class Choice {

        /** MCC, MNC and a little: longer ones come near to a subscriber's own number. */
        private static final int LONGEST_SHOWN = 8;

        @Option(
                names = "--prefix",
                paramLabel = "DIGITS",
                description = "only those whose IMSI begins so: a PLMN, or more")
        private String prefix = "";

        @Option(
                names = "--between",
                paramLabel = "SUPI",
                arity = "2",
                description = "only those from the first to the last")
        private String[] between = {};

        @Option(names = "--supis", paramLabel = "FILE", description = "only those that the file lists, one a line")
        private Path supis = Path.of("");

        /** In words, for whoever approves; no SUPI in the clear, but a digest of what was asked for. */
        @Override
        public String toString() {
            if (!prefix.isEmpty()) {
                return prefix.length() <= LONGEST_SHOWN ? "all of " + prefix : "all of a prefix, " + digest(prefix);
            }
            if (between.length == 2) {
                return "from " + new Supi(between[0]) + " to " + new Supi(between[1]) + ", "
                        + digest(between[0] + "\n" + between[1]);
            }
            return supis.toString().isEmpty() ? "all" : "those of a list, " + digest(content(supis));
        }

        private static String content(Path list) {
            try {
                return Files.readString(list);
            } catch (IOException e) {
                throw new ConfigurationException(list + " cannot be read: " + e.getMessage(), e);
            }
        }

        private static String digest(String text) {
            try {
                return "SHA-256 "
                        + HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256")
                                        .digest(text.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        ExportSelection selection() {
            if (!prefix.isEmpty()) {
                return ExportSelection.prefix(prefix);
            }
            if (between.length == 2) {
                return ExportSelection.between(new Supi(between[0]), new Supi(between[1]));
            }
            return supis.toString().isEmpty() ? ExportSelection.ALL : new ExportSelection.Listed(supis);
        }
    }

    @Override
    public Integer call() throws IOException {
        if (hours < 0 || hours > 10_000) {
            throw new ConfigurationException("--hours takes 0 to 10000");
        }
        try (AucNode node = AucNode.open(data.folder(), data.configuration());
                Progress progress = new Progress(
                        "exporting", "subscribers", node.subscribers().count())) {
            String object = "under " + transportKey + ", " + choice + ", for " + hours + " hours";
            Approvals.spend(node.database(), node.dualControl().permit(Act.SUBSCRIBER_EXPORT, object));
            node.audit("SUBSCRIBER_EXPORT_BEGUN", "transport-key/" + transportKey, object);
            Outcome outcome =
                    node.subscriberExport().run(out, transportKey, choice.selection(), hours, progress::reach);
            node.audit(
                    "SUBSCRIBERS_EXPORTED",
                    "transport-key/" + transportKey,
                    outcome.exported() + " subscribers, file " + outcome.sha256());
            System.out.println("exported " + outcome.exported() + " subscribers under '" + transportKey + "' of "
                    + outcome.key().partner() + " (check value " + outcome.key().kcv() + ")");
            System.out.println("sha256   " + outcome.sha256());
            return 0;
        } catch (LoadFileException e) {
            throw new ConfigurationException(e.getMessage() + "; nothing was exported", e);
        }
    }
}
