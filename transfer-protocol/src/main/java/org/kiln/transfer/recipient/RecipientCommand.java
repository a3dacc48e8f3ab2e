package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
            BatchCommands.ListCards.class,
            RecipientCommand.Open.class,
            BatchCommands.RewrapBatch.class,
            BatchCommands.Acknowledge.class,
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
                        "${COMPLETION-CANDIDATES}; a key received for KEY_BLOCKS protects key blocks (ANSI X9.143), whose"
                                + " keys this host reads; under one received for LABORATORY, the user's PIN is enough to read"
                                + " cards' keys: for test keys only (default: ${DEFAULT-VALUE})")
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
}
