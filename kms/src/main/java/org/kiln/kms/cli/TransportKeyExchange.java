package org.kiln.kms.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.Act;
import org.kiln.kms.keys.AgreedTransportKeys;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyBlocks;
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

    private static final int LONGEST_BLOCK = 16 * 1024;

    private TransportKeyExchange() {}

    /** {@code kiln transport-key offer}. */
    @Command(
            name = "offer",
            description = {
                "Makes an RSA key pair in the token for one incoming transport key, and writes its public half.",
                "With --curve, the partner agrees on a wrapping key by ECDH instead; the token must run the KDF and",
                "keep to CKA_DERIVE_TEMPLATE.",
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

        @Option(names = "--curve", description = "${COMPLETION-CANDIDATES}, for ECDH in place of RSA")
        private @Nullable Curve curve;

        @Option(names = "--out", required = true, paramLabel = "PEM", description = "where to write the public key")
        private Path out = Path.of("");

        @Override
        public Integer call() throws IOException {
            if (Files.exists(out)) {
                throw new ConfigurationException(out + " exists already; name a new file with --out");
            }
            Curve agreed = curve;
            PublicKey key = new TransportKeyDesk(data)
                    .inCeremony((ceremony, register) -> agreed == null
                            ? new TransportKeyReceipt(ceremony).offer(label, purpose)
                            : new AgreedTransportKeys(ceremony).offer(label, purpose, agreed));
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
                "Compare the check values shown with the partner, then destroy the file.",
                "With --key-block-key the file is a key block of ANSI X9.143 (TR-31), version D, usage K0; there was no",
                "offer. The key is in this host's memory meanwhile: auc.guardedHost must list key-blocks."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  kiln transport-key receive --label acme-in --partner acme acme-in.key",
                "  kiln transport-key receive --label acme-in --partner acme --key-block-key acme --kcv 8A3F21 acme-in.tr31"
            })
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

        @Option(names = "--key-block-key", paramLabel = "NAME", description = "the key block protection key")
        private @Nullable String keyBlockKey;

        @Option(
                names = "--kcv",
                paramLabel = "HEX",
                description = "of a key block: the key's check value as he told it")
        private @Nullable String kcv;

        @Mixin
        private CryptoPeriodOptions cryptoPeriod = new CryptoPeriodOptions();

        @Parameters(paramLabel = "FILE", description = "the partner's transport-key file, or his key block")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            String kbpk = keyBlockKey;
            if (kbpk != null) {
                data.configuration().auc().requireKeyBlocks();
                String block = keyBlock();
                return receive(ceremony ->
                        new KeyBlocks(ceremony).receive(label, purpose, kbpk, block, Optional.ofNullable(kcv)));
            }
            TransportKeyFile received = TransportKeyFile.read(file);
            if (received.wrapping().agreed() && !received.label().equals(label)) {
                throw new ConfigurationException("the partner wrapped this key for the label '" + received.label()
                        + "', not '" + label + "', and the wrapping is bound to it: ask him to use the agreed label");
            }
            return receive(ceremony -> new KeyBlocks.Received(take(ceremony, received), received.octets()));
        }

        private String keyBlock() throws IOException {
            if (!Files.isReadable(file) || Files.size(file) > LONGEST_BLOCK) {
                throw new ConfigurationException(file + " is missing, may not be read, or is too long for a key block");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        }

        private int receive(Function<Ceremony, KeyBlocks.Received> taking) {
            TransportKey.Period period = cryptoPeriod.period();
            String object = label + ", INCOMING, of " + partner + ", for " + purpose;
            Kcv taken = new TransportKeyDesk(data)
                    .inCeremony(Act.TRANSPORT_KEY_IMPORT, object, (ceremony, register) -> {
                        if (purpose == Purpose.KI) {
                            TransportKeyDesk.requireFree(register, label);
                        } else {
                            register.spend();
                        }
                        KeyBlocks.Received received = taking.apply(ceremony);
                        if (purpose == Purpose.KI) {
                            register.add(TransportKey.made(
                                    label,
                                    partner,
                                    Direction.INCOMING,
                                    received.octets(),
                                    received.kcv(),
                                    period,
                                    Instant.now()));
                        }
                        return received.kcv();
                    });
            System.out.println("transport key '" + label + "' for " + purpose + " received from " + partner
                    + "; check values: " + taken);
            return 0;
        }

        private Kcv take(Ceremony ceremony, TransportKeyFile received) {
            Kcv stated = new Kcv(received.kcvZero(), received.kcvCmac());
            byte[] wrapped = received.wrappedOctets();
            return switch (received.wrapping()) {
                case RSA_OAEP_SHA1 ->
                    new TransportKeyReceipt(ceremony).receive(label, purpose, Mechanism.oaepSha1(), wrapped, stated);
                case RSA_OAEP_SHA256 ->
                    new TransportKeyReceipt(ceremony).receive(label, purpose, Mechanism.oaepSha256(), wrapped, stated);
                case ECDH_P256_SHA256_KWP, ECDH_X25519_SHA256_KWP ->
                    new AgreedTransportKeys(ceremony)
                            .receive(label, purpose, received.ephemeralOctets(), wrapped, stated);
            };
        }
    }
}
