package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.kiln.secret.Secret;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.RecordsFile;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.SignerTrust;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which batch file, from whom and for whom. */
final class BatchOptions {

    @Option(
            names = "--recipient",
            paramLabel = "NAME",
            required = true,
            description = "your name as the sender writes it: the manifest must bear it")
    private String recipient = "";

    @Option(
            names = "--signer",
            paramLabel = "CERT.pem",
            required = true,
            description = "the sender's signing certificate, compared with him by other means")
    private Path signer = Path.of("");

    @Parameters(paramLabel = "FILE", description = "the batch file")
    private Path file = Path.of("");

    Path file() throws RecipientException {
        if (!Files.isReadable(file)) {
            throw new RecipientException.FileUnusable(file, "is missing or may not be read");
        }
        return file;
    }

    BatchOpener opener(RecipientToken token, Secret pin) throws IOException {
        return opener(token, new RecipientKeys(token).envelopeIdentity(pin), Rewrap.FORBIDDEN);
    }

    BatchOpener opener(RecipientToken token, Identity identity, Rewrap rewrap) throws IOException {
        return new BatchOpener(token, identity, SignerTrust.pinned(Pem.certificate(signer)), recipient, rewrap);
    }

    private static String format(Manifest manifest) {
        RecordsFile records = manifest.records();
        return records == null
                ? "kiln-csv"
                : records.format().path(RecordsFile.TYPE).asText();
    }

    static void print(PrintWriter out, BatchOpener.CheckedBatch checked) {
        print(
                out,
                checked.manifest(),
                checked.signer().getSubjectX500Principal().getName(),
                checked.sha256());
    }

    static void print(PrintWriter out, Manifest manifest, String signer, String sha256) {
        out.printf("order               %s%n", manifest.orderId());
        out.printf("batch               %s%n", manifest.batchId());
        out.printf("issuer              %s%n", manifest.issuer());
        out.printf("signed by           %s%n", signer);
        out.printf("recipient           %s%n", manifest.recipient());
        out.printf("created             %s%n", manifest.created());
        out.printf("format              %s%n", format(manifest));
        out.printf("cards               %d%n", manifest.quantity());
        out.printf("SHA-256             %s%n", sha256);
    }
}
