package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.acknowledgement.Acknowledgement;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.keyblock.TransportKeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recipient}: the tool of whoever receives Kiln's keys and files. */
@Command(
        name = "recipient",
        description = "Receives transport keys and batch files into the recipient's own token.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RecipientCommand.Prepare.class,
            RecipientCommand.ReceiveKey.class,
            RecipientCommand.Verify.class,
            RecipientCommand.ListCards.class,
            RecipientCommand.Open.class,
            RecipientCommand.RewrapBatch.class,
            RecipientCommand.Acknowledge.class,
            PgpCommands.Certificate.class,
            PgpCommands.Open.class
        },
        footer = {
            "",
            "Example, from a new token to an opened file:",
            "  recipient prepare --token acme --recipient acme \\",
            "      --rsa-out acme-rsa.pem --certificate-out acme.pem",
            "  recipient receive-key --token acme acme-out.key",
            "  recipient open --token acme --recipient acme \\",
            "      --signer operator.pem --register opened order-17.kiln",
            "  recipient acknowledge --token acme --recipient acme \\",
            "      --signer operator.pem --out order-17.ack order-17.kiln",
            "",
            "The PIN of the token's user comes from KILN_RECIPIENT_PIN or from a file."
        })
public final class RecipientCommand {

    /** {@code recipient prepare}. */
    @Command(
            name = "prepare",
            description = {
                "Makes the token's two key pairs, unless it has them, and writes what the sender needs of them.",
                "Send him both files, and compare them with him by other means."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  recipient prepare --token acme --recipient acme \\",
                "      --rsa-out acme-rsa.pem --certificate-out acme.pem"
            })
    static final class Prepare implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Option(names = "--recipient", paramLabel = "NAME", required = true, description = "your name")
        private String recipient = "";

        @Option(
                names = "--rsa-out",
                paramLabel = "PEM",
                required = true,
                description = "where to write the public key for transport keys")
        private Path rsaOut = Path.of("");

        @Option(
                names = "--certificate-out",
                paramLabel = "PEM",
                required = true,
                description = "where to write the certificate for envelopes")
        private Path certificateOut = Path.of("");

        @Override
        public Integer call() throws IOException {
            token.with((open, _) -> {
                RecipientKeys keys = new RecipientKeys(open);
                keys.prepare(recipient);
                write(rsaOut, Pem.of(keys.receiverPublicKey()));
                write(certificateOut, Pem.of(keys.envelopeCertificate()));
            });
            spec.commandLine()
                    .getOut()
                    .println("the token is prepared; send " + rsaOut + " and " + certificateOut + " to the sender");
            return 0;
        }

        private static void write(Path file, String pem) throws IOException {
            if (Files.exists(file) && !pem.equals(Files.readString(file, StandardCharsets.ISO_8859_1))) {
                throw new RecipientException.FileUnusable(file, "holds something else already; name a new one");
            }
            Files.writeString(file, pem);
        }
    }

    /** {@code recipient receive-key}. */
    @Command(
            name = "receive-key",
            description = {
                "Takes a transport key that the sender wrapped under this token's public key.",
                "Compare the check value shown with the sender's, then destroy the file."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  recipient receive-key --token acme acme-out.key"})
    static final class ReceiveKey implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Option(names = "--label", description = "the token's name for it (default: as in the file)")
        private @Nullable String label;

        @Option(
                names = "--use",
                defaultValue = "PRODUCTION",
                description =
                        "${COMPLETION-CANDIDATES}; under a key received for LABORATORY, the user's PIN is enough to"
                                + " read cards' keys: for test keys only (default: ${DEFAULT-VALUE})")
        private KeyUse use = KeyUse.PRODUCTION;

        @Parameters(paramLabel = "FILE", description = "the transport-key file")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            TransportKeyFile key = TransportKeyFile.read(file);
            String name = label == null ? key.label() : label;
            token.with((open, _) -> {
                String kcv = new TransportKeyReceiver(open).receive(key, name, use);
                spec.commandLine()
                        .getOut()
                        .println("transport key '" + name + "' from " + key.from() + " received for " + use
                                + "; compare its check value with the sender's: " + kcv);
            });
            return 0;
        }
    }

    /** {@code recipient verify}. */
    @Command(
            name = "verify",
            description = "Checks a batch file from end to end, and opens none of its keys.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  recipient verify --token acme --recipient acme \\",
                "      --signer operator.pem order-17.kiln"
            })
    static final class Verify implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Mixin
        private BatchOptions batch = new BatchOptions();

        @Override
        public Integer call() throws IOException {
            Path file = batch.file();
            token.with((open, pin) -> BatchOptions.print(
                    spec.commandLine().getOut(), batch.opener(open, pin).verify(file)));
            return 0;
        }
    }

    /** {@code recipient open}. */
    @Command(
            name = "open",
            description = {
                "Checks a batch file, then unwraps every key of it in the token and compares the check values.",
                "Nothing stays in the token: it is a trial that the whole batch can be used."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  recipient open --token acme --recipient acme \\",
                "      --signer operator.pem order-17.kiln"
            })
    static final class Open implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Mixin
        private BatchOptions batch = new BatchOptions();

        @Mixin
        private RegisterOptions register = new RegisterOptions();

        @Override
        public Integer call() throws IOException {
            Path file = batch.file();
            PrintWriter out = spec.commandLine().getOut();
            token.with((open, pin) -> {
                BatchOpener opener = batch.opener(open, pin);
                BatchOpener.CheckedBatch checked = opener.verify(file);
                BatchOptions.print(out, checked);
                register.once(checked, out, () -> print(out, opener.open(file, checked, card -> {})));
            });
            out.flush();
            return 0;
        }

        static void print(PrintWriter out, BatchOpener.Opened opened) {
            out.printf("cards opened        %d%n", opened.cards());
            out.printf("keys opened         %d%n", opened.keys());
            out.printf("KCVs checked        %d%n", opened.checkValues());
        }
    }

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
                            column.protection() == Protection.CLEAR
                                    ? "clear"
                                    : column.content() + " by " + column.wrapping() + " under " + column.keyLabel());
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
                register.once(checked, out, () -> Open.print(out, rewrapper.rewrap(opener, file, checked, rewrapped)));
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
