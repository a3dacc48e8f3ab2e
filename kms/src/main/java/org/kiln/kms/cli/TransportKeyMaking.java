package org.kiln.kms.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.Act;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyBlocks;
import org.kiln.kms.keys.KeyComponent;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.transfer.keyblock.TransportKeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln transport-key import} and {@code create}. */
final class TransportKeyMaking {

    private TransportKeyMaking() {}

    /** {@code kiln transport-key import}. */
    @Command(
            name = "import",
            description = {
                "Makes a transport key of XOR components (2 to 5).",
                "",
                "A component file has two lines: the component in hexadecimal (16, 24 or 32 octets) and its key check",
                "value. With --enter, each custodian types his own at the terminal instead. A component whose check",
                "value does not match is refused. The result's check values are shown: the first 3 octets of AES over",
                "a zero block, and the first 5 of CMAC over a zero block.",
                "Needs the user's and the security officer's PIN. Works beside a running 'kiln up'."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  kiln transport-key import --label acme-in --partner acme --direction incoming \\",
                "      --component alice.txt --component bob.txt --kcv 8A3F21",
                "  kiln transport-key import --label acme-in --partner acme --direction incoming --enter 3"
            })
    static final class Import implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--label", required = true, description = "the label that both sides agreed")
        private String label = "";

        @Option(names = "--partner", required = true, description = "whose key it is")
        private String partner = "";

        @Option(names = "--direction", required = true, description = "${COMPLETION-CANDIDATES}")
        private Direction direction = Direction.INCOMING;

        @Option(names = "--component", paramLabel = "FILE", description = "a component file; repeat it")
        private List<Path> components = List.of();

        @Option(names = "--enter", paramLabel = "N", description = "ask N custodians at the terminal")
        private int custodians;

        @Option(names = "--kcv", paramLabel = "HEX", description = "the key's check value as the partner stated it")
        private @Nullable String kcv;

        @Mixin
        private CryptoPeriodOptions cryptoPeriod = new CryptoPeriodOptions();

        @Override
        public Integer call() {
            if (components.isEmpty() == (custodians == 0)) {
                throw new ConfigurationException("give the components either with --component or with --enter");
            }
            if (direction == Direction.KEY_BLOCKS) {
                data.configuration().auc().requireKeyBlocks();
            }
            TransportKey.Period period = cryptoPeriod.period();
            TransportKeyDesk desk = new TransportKeyDesk(data);
            List<KeyComponent> read = new ArrayList<>();
            try {
                if (custodians > 0) {
                    read.addAll(ComponentPrompt.ask(custodians));
                }
                for (Path file : components) {
                    read.add(KeyComponent.read(file));
                }
                int octets = (int) read.getFirst().value().size();
                String object = label + ", " + direction + ", of " + partner;
                Kcv result = desk.inCeremony(Act.TRANSPORT_KEY_IMPORT, object, (ceremony, register) -> {
                    TransportKeyDesk.requireFree(register, label);
                    Kcv made = new TransportKeys(ceremony)
                            .importFromComponents(label, direction, read, Optional.ofNullable(kcv));
                    register.add(TransportKey.made(label, partner, direction, octets, made, period, Instant.now()));
                    return made;
                });
                System.out.println("transport key '" + label + "' imported (" + direction + ", " + partner
                        + "); check values: " + result);
                return 0;
            } finally {
                read.forEach(KeyComponent::close);
            }
        }
    }

    /** {@code kiln transport-key create}. */
    @Command(
            name = "create",
            description = {
                "Makes an outgoing transport key in the token and wraps it for the partner: by RSA-OAEP, or, where",
                "the token runs the KDF, under a key agreed by ECDH with his key on P-256 or X25519. The partner's",
                "public key (RSA of at least 3072 bits) comes as a PEM public key or certificate. Compare its",
                "fingerprint, which is shown, with the partner by other means, or give the one he told you.",
                "",
                "With --key-block-key in place of --for, the key leaves as a key block of ANSI X9.143 (TR-31), version D,",
                "under a key block protection key that both houses have ('kiln key-block-key import'). It is in this",
                "host's memory meanwhile: auc.guardedHost must list key-blocks.",
                "",
                "With --key-blocks, the key is to protect the key blocks in this partner's card files, and nothing else:",
                "the same switch, since this host reads the keys of such cards."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  kiln transport-key create --label acme-out --partner acme --for acme-rsa.pem --out acme-out.key",
                "  kiln transport-key create --label acme-out --partner acme --key-block-key acme --out acme-out.tr31"
            })
    static final class Create implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--label", required = true, description = "the label that both sides agreed")
        private String label = "";

        @Option(names = "--partner", required = true, description = "whose key it is")
        private String partner = "";

        @Option(names = "--bits", defaultValue = "256", description = "128, 192 or 256 (default: ${DEFAULT-VALUE})")
        private int bits;

        @Option(names = "--for", paramLabel = "PEM", description = "his public key or certificate")
        private @Nullable Path publicKey;

        @Option(names = "--key-block-key", paramLabel = "NAME", description = "the key block protection key")
        private @Nullable String keyBlockKey;

        @Option(names = "--key-blocks", description = "the key is for key blocks in card files (keyBlocks of a format)")
        private boolean forKeyBlocks;

        @Option(names = "--fingerprint", paramLabel = "HEX", description = "SHA-256 of his key, as he told it")
        private @Nullable String fingerprint;

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "where to write the wrapped key")
        private Path out = Path.of("");

        @Mixin
        private CryptoPeriodOptions cryptoPeriod = new CryptoPeriodOptions();

        @Override
        public Integer call() throws IOException {
            if (Files.exists(out)) {
                throw new ConfigurationException(out + " exists already; name a new file with --out");
            }
            Path pem = publicKey;
            String kbpk = keyBlockKey;
            if (pem != null && kbpk == null) {
                return wrapped(pem);
            }
            if (kbpk != null && pem == null && fingerprint == null && !forKeyBlocks) {
                return inBlock(kbpk);
            }
            throw new ConfigurationException(
                    "give the partner's public key with --for, or --key-block-key;" + " --key-blocks goes with --for");
        }

        private int inBlock(String kbpk) throws IOException {
            TransportKey.Period period = cryptoPeriod.period();
            data.configuration().auc().requireKeyBlocks();
            String object = label + ", for " + partner + ", under key block protection key " + kbpk;
            KeyBlocks.Sent sent = new TransportKeyDesk(data)
                    .inCeremony(Act.TRANSPORT_KEY_CREATION, object, (ceremony, register) -> {
                        TransportKeyDesk.requireFree(register, label);
                        KeyBlocks.Sent made = new KeyBlocks(ceremony).generateFor(label, bits / 8, kbpk);
                        register.add(TransportKey.made(
                                label, partner, Direction.OUTGOING, bits / 8, made.kcv(), period, Instant.now()));
                        return made;
                    });
            Files.writeString(out, sent.block() + "\n");
            System.out.println("transport key '" + label + "' made for " + partner + "; check values: " + sent.kcv()
                    + "; in a key block under '" + kbpk + "' in " + out);
            return 0;
        }

        private int wrapped(Path pem) throws IOException {
            TransportKey.Period period = cryptoPeriod.period();
            PartnerKey partnerKey = PartnerKey.read(pem, Instant.now());
            partnerKey.requireFingerprint(fingerprint);
            Direction direction = forKeyBlocks ? Direction.KEY_BLOCKS : Direction.OUTGOING;
            if (forKeyBlocks) {
                data.configuration().auc().requireKeyBlocks();
            }
            String operator = data.configuration().operator();
            String object = label + ", for " + partner + (forKeyBlocks ? ", for key blocks" : "") + ", under his key "
                    + partnerKey.fingerprint();
            TransportKeyFile file = new TransportKeyDesk(data)
                    .inCeremony(Act.TRANSPORT_KEY_CREATION, object, (ceremony, register) -> {
                        TransportKeyDesk.requireFree(register, label);
                        TransportKeyFile made =
                                partnerKey.export(ceremony, label, direction, bits / 8, operator, partner);
                        register.add(TransportKey.made(
                                label,
                                partner,
                                direction,
                                bits / 8,
                                new Kcv(made.kcvZero(), made.kcvCmac()),
                                period,
                                Instant.now()));
                        return made;
                    });
            file.write(out);
            System.out.println("transport key '" + label + "' made for " + partner + "; check values: "
                    + file.kcvZero() + " (zero block), " + file.kcvCmac() + " (CMAC); wrapped under his key "
                    + partnerKey.fingerprint() + " (" + file.wrapping() + ") in " + out);
            return 0;
        }
    }
}
