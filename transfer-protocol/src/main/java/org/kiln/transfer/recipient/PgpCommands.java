package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import org.kiln.transfer.openpgp.PgpCertificate;
import org.kiln.transfer.openpgp.PgpIdentity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands for senders who use OpenPGP. */
final class PgpCommands {

    private PgpCommands() {}

    /** {@code recipient pgp-certificate}. */
    @Command(
            name = "pgp-certificate",
            description = {
                "Writes the OpenPGP certificate of the token's key for envelopes.",
                "Send it to the sender, and compare the fingerprint with him by other means."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  recipient pgp-certificate --token acme --recipient acme --out acme.asc"})
    static final class Certificate implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Option(names = "--recipient", paramLabel = "NAME", required = true, description = "your name")
        private String recipient = "";

        @Option(names = "--out", paramLabel = "FILE", required = true, description = "a new file")
        private Path out = Path.of("");

        @Override
        public Integer call() throws IOException {
            token.with((open, pin) -> {
                PgpIdentity identity =
                        PgpBatchOpener.identity(new RecipientKeys(open).envelopeIdentity(pin), recipient);
                Files.writeString(out, identity.certificate().armoured(), StandardOpenOption.CREATE_NEW);
                spec.commandLine()
                        .getOut()
                        .println("fingerprint         " + identity.certificate().fingerprint());
            });
            return 0;
        }
    }

    /** {@code recipient pgp-open}. */
    @Command(
            name = "pgp-open",
            description = "As 'open', for a batch in an OpenPGP message, in binary form.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  recipient pgp-open --token acme --recipient acme \\",
                "      --sender operator.asc --register opened order-17.pgp"
            })
    static final class Open implements Callable<Integer> {

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Mixin
        private RegisterOptions register = new RegisterOptions();

        @Option(
                names = "--recipient",
                paramLabel = "NAME",
                required = true,
                description = "your name as the sender writes it: the manifest must bear it")
        private String recipient = "";

        @Option(
                names = "--sender",
                paramLabel = "CERT.asc",
                required = true,
                description = "the sender's OpenPGP certificate, its fingerprint compared with him by other means")
        private Path sender = Path.of("");

        @Parameters(paramLabel = "FILE", description = "the message")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            if (!Files.isReadable(file)) {
                throw new RecipientException.FileUnusable(file, "is missing or may not be read");
            }
            PrintWriter out = spec.commandLine().getOut();
            token.with((open, pin) -> {
                PgpIdentity identity =
                        PgpBatchOpener.identity(new RecipientKeys(open).envelopeIdentity(pin), recipient);
                PgpBatchOpener opener = new PgpBatchOpener(open, identity, certificate(), recipient);
                PgpBatchOpener.CheckedMessage checked = opener.verify(file);
                String sha256 = checked.message().sha256();
                BatchOptions.print(
                        out, checked.manifest(), checked.message().signer().fingerprint(), sha256);
                register.once(
                        checked.manifest(),
                        sha256,
                        out,
                        () -> RecipientCommand.Open.print(out, opener.open(file, checked, card -> {})));
            });
            out.flush();
            return 0;
        }

        private PgpCertificate certificate() throws IOException {
            if (!Files.isReadable(sender)) {
                throw new RecipientException.FileUnusable(sender, "is missing or may not be read");
            }
            try (InputStream in = Files.newInputStream(sender)) {
                return PgpCertificate.read(in);
            }
        }
    }
}
