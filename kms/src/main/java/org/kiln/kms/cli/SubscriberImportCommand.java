package org.kiln.kms.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.hsm.TokenLostException;
import org.kiln.kms.hsm.TokenUnavailableException;
import org.kiln.kms.provisioning.LoadFileException;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.provisioning.SubscriberImport.Outcome;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.store.StoreException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
            "operator's name) instead of eopc; etopc or etop for tuak; status. Nobody is served unless every",
            "row is good, or --skip-bad is given. What was broken off goes on when it is run again with",
            "the same file. Works beside a running 'kiln up'."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  kiln subscriber import --data var subscribers.csv"})
final class SubscriberImportCommand implements Callable<Integer> {

    @Mixin
    private DataOption data = new DataOption();

    @Parameters(paramLabel = "FILE", description = "the load file")
    private Path file = Path.of("");

    @Option(names = "--skip-bad", description = "leave bad rows out and report each; many in FILE.skipped")
    private boolean skipBad;

    @Option(names = "--lab", description = "take subscribers of the XOR test algorithm too")
    private boolean lab;

    @Override
    public Integer call() throws IOException {
        if (!Files.isReadable(file)) {
            throw new ConfigurationException("the load file " + file + " is missing or unreadable");
        }
        try (AucNode node = AucNode.open(data.folder(), data.configuration());
                ImportReport report = new ImportReport(file.resolveSibling(file.getFileName() + ".skipped"))) {
            Outcome outcome =
                    node.subscriberImport(lab).run(file, skipBad ? OnBadRow.SKIP : OnBadRow.REFUSE_FILE, report);
            node.audit(
                    "SUBSCRIBERS_IMPORTED",
                    "load-file/" + file.getFileName(),
                    outcome.imported() + " subscribers, " + outcome.left() + " rows left out");
            report.finish(outcome);
            System.out.println("imported " + outcome.imported() + " subscribers"
                    + (outcome.left() > 0 || skipBad ? ", skipped " + outcome.left() + " rows" : ""));
            return 0;
        } catch (LoadFileException e) {
            throw new ConfigurationException(file + ", " + e.getMessage() + "; nothing was imported", e);
        } catch (StoreException | TokenUnavailableException | TokenLostException | TokenBusyException e) {
            System.err.println("kiln: what was taken over is kept; run the same command again and it goes on");
            throw e;
        }
    }
}
