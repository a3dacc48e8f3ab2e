package org.kiln.kms.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyComponent;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import org.kiln.secret.Secret;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln transport-key}. */
@Command(
        name = "transport-key",
        description = "Transport keys: from custodians' components, or made here for a partner.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TransportKeyCommand.Import.class,
            TransportKeyCommand.Create.class,
            TransportKeyCommand.ListKeys.class
        })
public final class TransportKeyCommand {

    /** {@code kiln transport-key import}. */
    @Command(
            name = "import",
            description = {
                "Makes a transport key of XOR components (2 to 5).",
                "",
                "A component file has two lines: the component in hexadecimal (16, 24 or 32 octets) and its key check",
                "value. A component whose check value does not match is refused. The result's check values are shown:",
                "the first 3 octets of AES over a zero block, and the first 5 of CMAC over a zero block.",
                "Needs the user's and the security officer's PIN. Works beside a running 'kiln up'."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  kiln transport-key import --label acme-in --partner acme --direction incoming \\",
                "      --component alice.txt --component bob.txt --kcv 8A3F21"
            })
    public static final class Import implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--label", required = true, description = "the label that both sides agreed")
        private String label = "";

        @Option(names = "--partner", required = true, description = "whose key it is")
        private String partner = "";

        @Option(names = "--direction", required = true, description = "${COMPLETION-CANDIDATES}")
        private Direction direction = Direction.INCOMING;

        @Option(
                names = "--component",
                required = true,
                paramLabel = "FILE",
                description = "a component file; repeat it")
        private List<Path> components = List.of();

        @Option(names = "--kcv", paramLabel = "HEX", description = "the key's check value as the partner stated it")
        private @Nullable String kcv;

        @Override
        public Integer call() {
            List<KeyComponent> read = new ArrayList<>();
            try {
                for (Path file : components) {
                    read.add(KeyComponent.read(file));
                }
                int octets = (int) read.getFirst().value().size();
                Kcv result = inCeremony(
                        data,
                        keys -> keys.importFromComponents(label, direction, read, Optional.ofNullable(kcv)),
                        made -> new TransportKey(label, partner, direction, octets, made.zeroBlock()));
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
                "Makes an outgoing transport key in the token and wraps it for the partner by RSA-OAEP.",
                "The partner's public key (PEM, at least 3072 bits) must have been checked with him by other means."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  kiln transport-key create --label acme-out --partner acme --for acme-rsa.pem --out acme-out.key"
            })
    public static final class Create implements Callable<Integer> {

        private static final int OCTETS = 32;

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--label", required = true, description = "the label that both sides agreed")
        private String label = "";

        @Option(names = "--partner", required = true, description = "whose key it is")
        private String partner = "";

        @Option(names = "--for", required = true, paramLabel = "PEM", description = "the partner's RSA public key")
        private Path publicKey = Path.of("");

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "where to write the wrapped key")
        private Path out = Path.of("");

        @Override
        public Integer call() throws IOException {
            if (Files.exists(out)) {
                throw new ConfigurationException(out + " exists already; name a new file with --out");
            }
            RSAPublicKey partnerKey = readRsa(publicKey);
            TransportKeys.Exported made = inCeremony(
                    data,
                    keys -> keys.generateFor(label, partnerKey),
                    exported -> new TransportKey(label, partner, Direction.OUTGOING, OCTETS, exported.kcvZero()));
            Files.write(out, made.wrapped());
            System.out.println("transport key '" + label + "' made for " + partner + "; check value (zero block): "
                    + made.kcvZero() + "; wrapped key in " + out);
            return 0;
        }

        private static RSAPublicKey readRsa(Path file) throws IOException {
            try (Reader reader = Files.newBufferedReader(file);
                    PEMParser parser = new PEMParser(reader)) {
                if (parser.readObject() instanceof SubjectPublicKeyInfo info
                        && new JcaPEMKeyConverter().getPublicKey(info) instanceof RSAPublicKey key) {
                    return key;
                }
            }
            throw new ConfigurationException(file + " holds no RSA public key in PEM (BEGIN PUBLIC KEY)");
        }
    }

    /** {@code kiln transport-key list}. */
    @Command(name = "list", description = "Lists them with their check values.", mixinStandardHelpOptions = true)
    public static final class ListKeys implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Override
        public Integer call() {
            data.configuration();
            try (Database database = openDatabase(data)) {
                for (TransportKey key : new TransportKeyRegister(database).list()) {
                    System.out.printf(
                            "%-24s %-16s %-9s AES-%d  %s%n",
                            key.label(), key.partner(), key.direction(), 8 * key.octets(), key.kcvZero());
                }
            }
            return 0;
        }
    }

    private static Database openDatabase(DataOption data) {
        Database database = Database.open(data.folder().database());
        database.migrate("auc");
        return database;
    }

    /** Makes a key in a ceremony and enters it in the register. */
    private static <T> T inCeremony(DataOption data, Function<TransportKeys, T> make, Function<T, TransportKey> entry) {
        KilnConfiguration configuration = data.configuration();
        TokenConnection connection = TokenConnection.load(data.folder(), configuration.hsm());
        try (Secret soPin = connection.soPin();
                Secret userPin = connection.userPin();
                Database database = openDatabase(data)) {
            T made = make.apply(new TransportKeys(connection.ceremony(soPin, userPin)));
            new TransportKeyRegister(database).add(entry.apply(made));
            return made;
        }
    }
}
