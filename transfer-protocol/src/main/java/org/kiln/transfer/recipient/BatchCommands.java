package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.kiln.transfer.acknowledgement.Acknowledgement;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.envelope.Identity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The commands for batch files beyond {@code verify} and {@code open}. */
final class BatchCommands {

    private BatchCommands() {}

    /** {@code recipient list}. */
    @Command(
            name = "list",
            description = "Checks a batch file from end to end, and lists its columns; opens none of its keys.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  recipient list --token acme --recipient acme \\",
                "      --signer operator.pem order-17.kiln"
            })
    static final class ListCards implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Mixin
        private BatchOptions batch = new BatchOptions();

        @Override
        public Integer call() throws IOException {
            Path file = batch.file();
            PrintWriter out = spec.commandLine().getOut();
            token.with((open, pin) -> {
                BatchOpener.CheckedBatch checked = batch.opener(open, pin).verify(file);
                BatchOptions.print(out, checked);
                for (Column column : checked.manifest().columns()) {
                    out.printf(
                            "column              %s: %s%n",
                            column.name(),
                            switch (column.protection()) {
                                case CLEAR -> "clear";
                                case WRAPPED ->
                                    column.content() + " by " + column.wrapping() + " under " + column.keyLabel();
                                case KEY_BLOCK ->
                                    column.content() + " in key blocks of usage " + column.keyUsage() + " under "
                                            + column.keyLabel();
                            });
                }
            });
            out.flush();
            return 0;
        }
    }

    /** {@code recipient rewrap}. */
    @Command(
            name = "rewrap",
            description = {
                "Checks a batch file, unwraps its values in the token and wraps them under a key of your own there.",
                "The outcome is a batch file that is not sealed."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  recipient rewrap --token acme --recipient acme \\",
                "      --signer operator.pem --under machine-7 --out machine-7.zip order-17.kiln"
            })
    static final class RewrapBatch implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Mixin
        private BatchOptions batch = new BatchOptions();

        @Mixin
        private RegisterOptions register = new RegisterOptions();

        @Option(names = "--under", paramLabel = "LABEL", required = true, description = "your key that wraps")
        private String under = "";

        @Option(names = "--out", paramLabel = "FILE", required = true, description = "a new file")
        private Path rewrapped = Path.of("");

        @Override
        public Integer call() throws IOException {
            Path file = batch.file();
            requireNew(rewrapped);
            PrintWriter out = spec.commandLine().getOut();
            token.with((open, pin) -> {
                Identity identity = new RecipientKeys(open).envelopeIdentity(pin);
                BatchOpener opener = batch.opener(open, identity, Rewrap.ALLOWED);
                BatchRewrapper rewrapper = new BatchRewrapper(open, under);
                BatchOpener.CheckedBatch checked = opener.verify(file);
                BatchOptions.print(out, checked);
                register.once(
                        checked,
                        out,
                        () -> RecipientCommand.Open.print(out, rewrapper.rewrap(opener, file, checked, rewrapped)));
            });
            out.flush();
            return 0;
        }
    }

    /** {@code recipient acknowledge}. */
    @Command(
            name = "acknowledge",
            description = {
                "Checks a batch file, opens every key of it as 'open' does, and signs an answer for its sender.",
                "A batch whose keys are wrong is rejected, and the answer says where."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  recipient acknowledge --token acme --recipient acme \\",
                "      --signer operator.pem --out order-17.ack order-17.kiln"
            })
    static final class Acknowledge implements Callable<Integer> {

        private static final int REJECTED = 2;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Mixin
        private BatchOptions batch = new BatchOptions();

        @Option(
                names = "--reject",
                paramLabel = "REASON",
                description = "reject it for this reason, without opening a key; may be given several times")
        private List<String> reasons = List.of();

        @Option(names = "--out", paramLabel = "FILE", required = true, description = "a new file for the answer")
        private Path answerFile = Path.of("");

        private int exitCode;

        @Override
        public Integer call() throws IOException {
            Path file = batch.file();
            requireNew(answerFile);
            PrintWriter out = spec.commandLine().getOut();
            token.with((open, pin) -> {
                Identity identity = new RecipientKeys(open).envelopeIdentity(pin);
                BatchOpener opener = batch.opener(open, identity, Rewrap.FORBIDDEN);
                BatchAcknowledger acknowledger = new BatchAcknowledger(opener, identity, InstantSource.system());
                BatchOpener.CheckedBatch checked = opener.verify(file);
                BatchOptions.print(out, checked);
                BatchAcknowledger.Answer answer =
                        reasons.isEmpty() ? acknowledger.answer(file, checked) : acknowledger.reject(checked, reasons);
                Files.write(answerFile, answer.file(), StandardOpenOption.CREATE_NEW);
                out.printf("verdict             %s%n", answer.acknowledgement().verdict());
                answer.acknowledgement().reasons().forEach(reason -> out.printf("reason              %s%n", reason));
                exitCode = answer.acknowledgement().verdict() == Acknowledgement.Verdict.ACCEPTED || !reasons.isEmpty()
                        ? 0
                        : REJECTED;
            });
            out.flush();
            return exitCode;
        }
    }

    private static void requireNew(Path file) throws RecipientException {
        if (Files.exists(file)) {
            throw new RecipientException.FileUnusable(file, "is there already; name a new one");
        }
    }
}
