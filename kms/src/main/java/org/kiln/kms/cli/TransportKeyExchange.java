package org.kiln.kms.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.TransportKeyReceipt;
import org.kiln.kms.keys.TransportKeyReceipt.Purpose;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.pkcs11.Mechanism;
import org.kiln.transfer.keyblock.TransportKeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln transport-key offer} and {@code receive}: an incoming key that a partner makes. */
final class TransportKeyExchange {

    private TransportKeyExchange() {}

    /** {@code kiln transport-key offer}. */
    @Command(
            name = "offer",
            description = {
                "Makes an RSA key pair in the token for one incoming transport key, and writes its public half.",
                "Send it to the partner and compare the fingerprint with him by other means. A partner who sends OPc",
                "should wrap it under a key of its own: offer a second time with --purpose opc."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln transport-key offer --label acme-in --out for-acme.pem"})
    static final class Offer implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--label", required = true, description = "the transport key's label")
        private String label = "";

        @Option(
                names = "--purpose",
                defaultValue = "KI",
                description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
        private Purpose purpose = Purpose.KI;

        @Option(names = "--out", required = true, paramLabel = "PEM", description = "where to write the public key")
        private Path out = Path.of("");

        @Override
        public Integer call() throws IOException {
            if (Files.exists(out)) {
                throw new ConfigurationException(out + " exists already; name a new file with --out");
            }
            RSAPublicKey key = new TransportKeyDesk(data)
                    .inCeremony((ceremony, register) -> new TransportKeyReceipt(ceremony).offer(label, purpose));
            StringWriter text = new StringWriter();
            try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
                pem.writeObject(key);
            }
            Files.writeString(out, text.toString());
            System.out.println("send " + out + " to the partner; its fingerprint (SHA-256) is "
                    + TransportKeyFile.fingerprint(key));
            return 0;
        }
    }

    /** {@code kiln transport-key receive}. */
    @Command(
            name = "receive",
            description = {
                "Takes the transport key that a partner wrapped for the offered key pair, and destroys the pair.",
                "Compare the check values shown with the partner, then destroy the file."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln transport-key receive --label acme-in --partner acme acme-in.key"})
    static final class Receive implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--label", required = true, description = "the label of the offer")
        private String label = "";

        @Option(names = "--partner", required = true, description = "whose key it is")
        private String partner = "";

        @Option(
                names = "--purpose",
                defaultValue = "KI",
                description = "${COMPLETION-CANDIDATES}, as offered (default: ${DEFAULT-VALUE})")
        private Purpose purpose = Purpose.KI;

        @Mixin
        private CryptoPeriodOptions cryptoPeriod = new CryptoPeriodOptions();

        @Parameters(paramLabel = "FILE", description = "the partner's transport-key file")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            TransportKeyFile received = TransportKeyFile.read(file);
            TransportKey.Period period = cryptoPeriod.period();
            Mechanism oaep = switch (received.wrapping()) {
                case RSA_OAEP_SHA1 -> Mechanism.oaepSha1();
                case RSA_OAEP_SHA256 -> Mechanism.oaepSha256();
            };
            Kcv stated = new Kcv(received.kcvZero(), received.kcvCmac());
            Kcv kcv = new TransportKeyDesk(data).inCeremony((ceremony, register) -> {
                if (purpose == Purpose.KI) {
                    TransportKeyDesk.requireFree(register, label);
                }
                Kcv taken = new TransportKeyReceipt(ceremony)
                        .receive(label, purpose, oaep, received.wrappedOctets(), stated);
                if (purpose == Purpose.KI) {
                    register.add(TransportKey.made(
                            label, partner, Direction.INCOMING, received.octets(), taken, period, Instant.now()));
                }
                return taken;
            });
            System.out.println("transport key '" + label + "' for " + purpose + " received from " + partner
                    + "; check values: " + kcv);
            return 0;
        }
    }
}
