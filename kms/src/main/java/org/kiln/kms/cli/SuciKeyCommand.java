package org.kiln.kms.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.suci.ProtectionScheme;
import org.kiln.kms.suci.SuciCalcInfo;
import org.kiln.kms.suci.SuciKey;
import org.kiln.kms.suci.SuciKeyRegister;
import org.kiln.kms.suci.SuciKeyState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln suci-key}. */
@Command(
        name = "suci-key",
        description = {
            "Home-network keys, for which UEs conceal their identifier (SUCI, TS 33.501 Annex C).",
            "To rotate: create a key with another identifier, export it to new cards (or over the air), retire the old",
            "one; both resolve SUCIs. When no card has the old one any more, retire it with --end."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            SuciKeyCommand.Create.class,
            SuciKeyCommand.ListKeys.class,
            SuciKeyCommand.Retire.class,
            SuciKeyCommand.Export.class
        })
public final class SuciKeyCommand {

    /** {@code kiln suci-key create}. */
    @Command(
            name = "create",
            description = {
                "Makes a key pair in the token. Its private half never leaves it, and is in no backup: where it is lost,",
                "cards that have its public half cannot register until they get another."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln suci-key create --identifier 1 --scheme PROFILE_B"})
    static final class Create implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--identifier", required = true, description = "1 to 255, never used before")
        private int identifier;

        @Option(names = "--scheme", required = true, description = "PROFILE_A (X25519) or PROFILE_B (P-256)")
        private ProtectionScheme scheme = ProtectionScheme.NULL;

        @Override
        public Integer call() {
            SuciKey.requireUsable(identifier, scheme);
            SuciKey made = new SuciKeyDesk(data).open((register, token, keys) -> {
                register.requireFree(identifier);
                byte[] point = token.call(session -> keys.create(session, identifier, scheme.curve()));
                try {
                    SuciKey key = SuciKey.made(identifier, scheme, point, Instant.now());
                    register.add(key);
                    return key;
                } catch (RuntimeException e) {
                    token.callEach(session -> keys.destroy(session, identifier));
                    throw e;
                }
            });
            spec.commandLine()
                    .getOut()
                    .println("home-network key " + identifier + " (" + scheme + ") made; public key " + made.publicKey()
                            + "; put it on cards with 'kiln suci-key export'");
            return 0;
        }
    }

    /** {@code kiln suci-key list}. */
    @Command(name = "list", description = "Lists them with their states.", mixinStandardHelpOptions = true)
    static final class ListKeys implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private DataOption data = new DataOption();

        @Override
        public Integer call() {
            List<SuciKey> all = new SuciKeyDesk(data).open((register, token, keys) -> register.list());
            for (SuciKey key : all) {
                spec.commandLine()
                        .getOut()
                        .printf(
                                "%3d  %s  %-8s  made %s, %s since %s%n",
                                key.identifier(),
                                key.scheme(),
                                key.state(),
                                key.madeAt(),
                                key.state(),
                                key.changedAt());
            }
            return 0;
        }
    }

    /** {@code kiln suci-key retire}. */
    @Command(
            name = "retire",
            description = {
                "Takes a key off new cards; SUCIs made with it are resolved still. With --end, destroys its private half:",
                "a card that has it alone cannot register any more."
            },
            mixinStandardHelpOptions = true)
    static final class Retire implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--end", description = "destroy it; it must be retiring")
        private boolean end;

        @Parameters(paramLabel = "IDENTIFIER", description = "the key's identifier")
        private int identifier;

        @Override
        public Integer call() {
            SuciKey changed = new SuciKeyDesk(data).open((register, token, keys) -> {
                SuciKey key = end
                        ? register.end(identifier, Instant.now())
                        : register.change(identifier, SuciKeyState.RETIRING, Instant.now());
                if (end) {
                    token.callEach(session -> keys.destroy(session, identifier));
                }
                return key;
            });
            spec.commandLine().getOut().println("home-network key " + identifier + " is " + changed.state() + " now");
            return 0;
        }
    }

    /** {@code kiln suci-key export}. */
    @Command(
            name = "export",
            description = {
                "Prints public keys and the content of EF_SUCI_Calc_Info (4F07 in DF_5GS, TS 31.102 4.4.11.8), for active",
                "keys; those named first have priority."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln suci-key export 2 1"})
    static final class Export implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--uncompressed", description = "write profile B keys in 65 octets in place of 33")
        private boolean uncompressed;

        @Option(names = "--allow-null", description = "let the UE send its identifier in the clear, as a last resort")
        private boolean nullScheme;

        @Parameters(paramLabel = "IDENTIFIER", arity = "0..*", description = "which keys (default: all active ones)")
        private List<Integer> identifiers = List.of();

        @Override
        public Integer call() throws IOException {
            List<SuciKey> chosen = new SuciKeyDesk(data).open((register, token, keys) -> choose(register));
            SuciCalcInfo file = new SuciCalcInfo(chosen, !uncompressed, nullScheme);
            HexFormat hex = HexFormat.of().withUpperCase();
            for (SuciKey key : chosen) {
                spec.commandLine()
                        .getOut()
                        .println("home-network public key " + key.identifier() + ", scheme "
                                + key.scheme().code() + ": " + hex.formatHex(file.publicKey(key)));
                StringWriter text = new StringWriter();
                try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
                    pem.writeObject(key.scheme().curve().publicKey(key.point()));
                }
                spec.commandLine().getOut().print(text);
            }
            spec.commandLine().getOut().println("EF_SUCI_Calc_Info: " + hex.formatHex(file.encode()));
            return 0;
        }

        private List<SuciKey> choose(SuciKeyRegister register) {
            List<SuciKey> active = register.list().stream()
                    .filter(key -> key.state() == SuciKeyState.ACTIVE)
                    .toList();
            return identifiers.isEmpty()
                    ? active
                    : identifiers.stream()
                            .map(identifier -> active.stream()
                                    .filter(key -> key.identifier() == identifier)
                                    .findFirst()
                                    .orElseThrow(() -> new ConfigurationException("no active home-network key has the"
                                            + " identifier " + identifier + "; see 'kiln suci-key list'")))
                            .toList();
        }
    }
}
