package org.kiln.personalisation.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.DataFolder;
import org.kiln.personalisation.demo.Demo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kiln demo}. */
@Command(
        name = "demo",
        description = {
            "The whole story once: two tokens, a ceremony, an order of 1,000 cards, the vendor's file opened in the",
            "vendor's token, a card authenticated in 5G and EPS, and a scan for cleartext. Run it again for another batch."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  kiln demo", "  kiln demo --data /tmp/kiln --cards 50"})
public final class DemoCommand implements Callable<Integer> {

    private static final String ORDER = "examples/order-milenage-uicc.yaml";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "var",
            description = "the data folder; a new one is prepared (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("var");

    @Option(names = "--order", paramLabel = "FILE", description = "the order (default: " + ORDER + ")")
    private @Nullable Path order;

    @Option(names = "--cards", paramLabel = "N", description = "cards, if not as many as the order says")
    private @Nullable Integer cards;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path orderFile = order == null ? Path.of(System.getProperty("kiln.home", "."), ORDER) : order;
        if (!Files.isReadable(orderFile)) {
            throw new ConfigurationException("the order " + orderFile + " is missing; name one with --order");
        }
        OptionalInt quantity = cards == null ? OptionalInt.empty() : OptionalInt.of(cards);
        new Demo(new DataFolder(data), orderFile, quantity, System.out).run();
        return 0;
    }
}
