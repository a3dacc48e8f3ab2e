package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.jspecify.annotations.Nullable;
import org.kiln.secret.Secret;
import org.kiln.token.Pins;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.envelope.SignerTrust;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln recipient}: the tool of whoever receives Kiln's files. */
@Command(
        name = "recipient",
        description = "Receives transport keys and batch files into the recipient's own token.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RecipientCommand.Prepare.class,
            RecipientCommand.ReceiveKey.class,
            RecipientCommand.Verify.class,
            RecipientCommand.Open.class
        },
        footer = {
            "",
            "Example, from nothing to an opened file:",
            "  recipient prepare --token acme --name acme --rsa-out acme-rsa.pem --certificate-out acme.pem",
            "  recipient receive-key --token acme --label acme-out acme-out.key",
            "  recipient open --token acme --recipient acme --signer signing.pem ORDER.kiln"
        })
public final class RecipientCommand {

    private static final String PIN_VARIABLE = "KILN_RECIPIENT_PIN";

    /** How the recipient's token is reached. */
    static final class TokenOptions {

        @Option(names = "--profile", defaultValue = "softhsm2", description = "token profile (${DEFAULT-VALUE})")
        private String profile = "softhsm2";

        @Option(
                names = "--module",
                paramLabel = "FILE",
                description = "PKCS#11 module; default: where the profile looks")
        private @Nullable Path module;

        @Option(names = "--softhsm", paramLabel = "DIR", description = "SoftHSM only: folder with softhsm2.conf")
        private @Nullable Path softhsm;

        @Option(names = "--token", required = true, description = "the token's label")
        private String label = "";

        @Option(
                names = "--pin-file",
                paramLabel = "FILE",
                description = "file with the user's PIN, unless " + PIN_VARIABLE + " is set")
        private Path pinFile = Path.of("recipient.pin");

        Secret pin() {
            return Pins.read(PIN_VARIABLE, pinFile);
        }

        RecipientToken open(Secret pin) {
            if (softhsm != null) {
                SoftHsm.select(softhsm);
            }
            TokenProfile chosen = TokenProfile.named(profile);
            return RecipientToken.open(chosen, module == null ? chosen.findModule() : module, label, pin);
        }
    }

    /** {@code recipient prepare}. */
    @Command(
            name = "prepare",
            description = "Makes the token's key pairs and writes what the sender needs of them.",
            mixinStandardHelpOptions = true)
    static final class Prepare implements Callable<Integer> {

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Option(names = "--name", required = true, description = "the recipient's name")
        private String name = "";

        @Option(names = "--rsa-out", required = true, paramLabel = "PEM", description = "RSA key for transport keys")
        private Path rsaOut = Path.of("");

        @Option(
                names = "--certificate-out",
                required = true,
                paramLabel = "PEM",
                description = "certificate for envelopes")
        private Path certificateOut = Path.of("");

        @Override
        public Integer call() throws IOException {
            try (Secret pin = token.pin();
                    RecipientToken open = token.open(pin)) {
                RecipientKeys keys = new RecipientKeys(open);
                keys.prepare(name);
                writePem(rsaOut, keys.receiverPublicKey());
                writePem(certificateOut, keys.envelopeIdentity(pin).certificate());
                System.out.println("prepared; send the operator " + rsaOut + " and " + certificateOut);
                return 0;
            }
        }
    }

    /** {@code recipient receive-key}. */
    @Command(
            name = "receive-key",
            description = "Takes a transport key that the operator wrapped for this token.",
            mixinStandardHelpOptions = true)
    static final class ReceiveKey implements Callable<Integer> {

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Option(names = "--label", required = true, description = "the label that both sides agreed")
        private String label = "";

        @Option(
                names = "--use",
                defaultValue = "PRODUCTION",
                description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
        private KeyUse use = KeyUse.PRODUCTION;

        @Parameters(paramLabel = "FILE", description = "the wrapped key")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            try (Secret pin = token.pin();
                    RecipientToken open = token.open(pin)) {
                String kcv = new TransportKeyReceiver(open).receive(label, Files.readAllBytes(file), use);
                System.out.println("received '" + label + "'; compare its check value with the sender's: " + kcv);
                return 0;
            }
        }
    }

    /** What reading a file needs beside the token. */
    static final class FileOptions {

        @Option(names = "--recipient", required = true, description = "the name that the manifest must bear")
        private String recipient = "";

        @Option(
                names = "--signer",
                required = true,
                paramLabel = "PEM",
                description = "the sender's signing certificate")
        private Path signer = Path.of("");

        @Parameters(paramLabel = "FILE", description = "the batch file")
        private Path file = Path.of("");

        BatchOpener opener(RecipientToken token, Secret pin) throws IOException {
            return new BatchOpener(
                    token,
                    new RecipientKeys(token).envelopeIdentity(pin),
                    SignerTrust.pinned(readCertificate(signer)),
                    recipient);
        }
    }

    /** {@code recipient verify}. */
    @Command(
            name = "verify",
            description = "Checks a batch file from end to end and opens nothing.",
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Mixin
        private FileOptions file = new FileOptions();

        @Override
        public Integer call() throws IOException {
            try (Secret pin = token.pin();
                    RecipientToken open = token.open(pin)) {
                print(file.opener(open, pin).verify(file.file));
                return 0;
            }
        }
    }

    /** {@code recipient open}. */
    @Command(
            name = "open",
            description = "Checks a batch file, then unwraps every key into the token and compares check values.",
            mixinStandardHelpOptions = true)
    static final class Open implements Callable<Integer> {

        @Mixin
        private TokenOptions token = new TokenOptions();

        @Mixin
        private FileOptions file = new FileOptions();

        @Override
        public Integer call() throws IOException {
            try (Secret pin = token.pin();
                    RecipientToken open = token.open(pin)) {
                BatchOpener opener = file.opener(open, pin);
                BatchOpener.CheckedBatch checked = opener.verify(file.file);
                print(checked);
                BatchOpener.Opened opened = opener.open(file.file, checked, card -> {});
                System.out.printf(
                        "cards opened   %d%nkeys unwrapped %d%ncheck values   %d compared%n",
                        opened.cards(), opened.keys(), opened.checkValues());
                return 0;
            }
        }
    }

    private static void print(BatchOpener.CheckedBatch checked) {
        System.out.printf(
                "order          %s%nfrom           %s (%s)%nfor            %s%ncards          %d%nSHA-256        %s%n",
                checked.manifest().orderId(),
                checked.manifest().issuer(),
                checked.signer().getSubjectX500Principal().getName(),
                checked.manifest().recipient(),
                checked.manifest().quantity(),
                checked.sha256());
    }

    private static X509Certificate readCertificate(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser pem = new PEMParser(reader)) {
            if (pem.readObject() instanceof X509CertificateHolder holder) {
                return new JcaX509CertificateConverter().getCertificate(holder);
            }
        } catch (GeneralSecurityException e) {
            throw new TokenException(file + " holds no usable certificate", e);
        }
        throw new TokenException(file + " holds no certificate in PEM");
    }

    private static void writePem(Path file, Object object) throws IOException {
        try (Writer out = Files.newBufferedWriter(file);
                JcaPEMWriter pem = new JcaPEMWriter(out)) {
            pem.writeObject(object);
        }
    }
}
