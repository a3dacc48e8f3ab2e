package org.kiln.kms.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.provisioning.LoadFileException;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.provisioning.SubscriberImport.Outcome;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.transfer.numbering.Supi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln subscriber}. */
@Command(
        name = "subscriber",
        description = "Subscribers of the authentication centre.",
        mixinStandardHelpOptions = true,
        subcommands = {SubscriberCommand.Import.class, SubscriberCommand.Show.class, SubscriberCommand.Count.class})
public final class SubscriberCommand {

    /** {@code kiln subscriber import}. */
    @Command(
            name = "import",
            description = {
                "Loads subscribers whose keys are wrapped under an incoming transport key.",
                "",
                "FILE is CSV with the header supi,algorithm,transportKey,wrapping,eki,eopc,amf,sqn:",
                "supi like imsi-001010000000001; algorithm milenage, tuak, comp128-1, -2 or -3, or a name of",
                "auc.algorithmProfiles; transportKey the label of the key; wrapping aes-kw (RFC 3394) or",
                "aes-kwp (RFC 5649); the rest hexadecimal. Further columns, as needed: kcv; eop or op (the",
                "operator's name) instead of eopc; etopc or etop for tuak. Nothing is stored unless every",
                "row is good, or --skip-bad is given. Works beside a running 'kiln up'."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln subscriber import --data var subscribers.csv"})
    public static final class Import implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Parameters(paramLabel = "FILE", description = "the load file")
        private Path file = Path.of("");

        @Option(names = "--skip-bad", description = "leave bad rows out and report each")
        private boolean skipBad;

        @Option(names = "--lab", description = "take subscribers of the XOR test algorithm too")
        private boolean lab;

        @Override
        public Integer call() throws IOException {
            if (!Files.isReadable(file)) {
                throw new ConfigurationException("the load file " + file + " is missing or unreadable");
            }
            try (AucNode node = AucNode.open(data.folder(), data.configuration())) {
                Outcome outcome = run(node);
                outcome.skipped().forEach(message -> System.err.println("kiln: skipped: " + message));
                System.out.println("imported " + outcome.imported() + " subscribers"
                        + (skipBad ? ", skipped " + outcome.skipped().size() + " rows" : ""));
                return 0;
            } catch (LoadFileException e) {
                throw new ConfigurationException(file + ", " + e.getMessage() + "; nothing was imported", e);
            }
        }

        private Outcome run(AucNode node) throws IOException {
            try (Progress progress = new Progress("subscribers", "rows", rows())) {
                return node.subscriberImport(lab)
                        .run(file, skipBad ? OnBadRow.SKIP : OnBadRow.REFUSE_FILE, progress::reach);
            }
        }

        private long rows() throws IOException {
            try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
                return Math.max(0, lines.count() - 1);
            }
        }
    }

    /** {@code kiln subscriber show}. */
    @Command(
            name = "show",
            description = "Shows a subscriber: his algorithm, where it is computed, under which keys his lie.",
            mixinStandardHelpOptions = true)
    public static final class Show implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Parameters(paramLabel = "SUPI", description = "such as imsi-001010000000001")
        private String supi = "";

        @Override
        public Integer call() {
            try (AucNode node = AucNode.open(data.folder(), data.configuration())) {
                Subscriber subscriber = node.subscribers()
                        .find(new Supi(supi))
                        .orElseThrow(() -> new ConfigurationException("no subscriber has this SUPI"));
                System.out.println("algorithm " + subscriber.algorithm().label() + " "
                        + subscriber.algorithm().parameters());
                System.out.println("method    " + subscriber.method().label());
                System.out.println("engine    " + engine(node, subscriber));
                System.out.println("ki under  " + subscriber.ki().keyLabel());
                System.out.println("opc under " + subscriber.opc().keyLabel());
                System.out.println("amf       " + HexFormat.of().toHexDigits((short) subscriber.amf()));
            }
            return 0;
        }

        private static String engine(AucNode node, Subscriber subscriber) {
            try {
                return node.engines(true).of(subscriber).label();
            } catch (AkaException e) {
                return "none: " + e.getMessage();
            }
        }
    }

    /** {@code kiln subscriber count}. */
    @Command(name = "count", description = "Says how many there are.", mixinStandardHelpOptions = true)
    public static final class Count implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Override
        public Integer call() {
            try (AucNode node = AucNode.open(data.folder(), data.configuration())) {
                System.out.println(node.subscribers().count());
            }
            return 0;
        }
    }
}
