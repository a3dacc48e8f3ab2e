package org.kiln.kms.cli;

import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.transfer.numbering.Supi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kiln subscriber}. */
@Command(
        name = "subscriber",
        description = "Subscribers of the authentication centre.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SubscriberImportCommand.class,
            SubscriberLoadsCommand.class,
            SubscriberExportCommand.class,
            SubscriberCommand.Show.class,
            SubscriberCommand.Pseudonym.class,
            SubscriberCommand.Count.class
        })
public final class SubscriberCommand {

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

    /** {@code kiln subscriber pseudonym}. */
    @Command(
            name = "pseudonym",
            description = "Says what the audit log calls a subscriber, who need not be there any more.",
            mixinStandardHelpOptions = true)
    public static final class Pseudonym implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Parameters(paramLabel = "SUPI", description = "such as imsi-001010000000001")
        private String supi = "";

        @Override
        public Integer call() {
            try (AucNode node = AucNode.open(data.folder(), data.configuration())) {
                System.out.println("subscriber/" + node.subscribers().pseudonym(new Supi(supi)));
            }
            return 0;
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
