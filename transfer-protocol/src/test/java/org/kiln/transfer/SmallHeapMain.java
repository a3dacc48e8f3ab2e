package org.kiln.transfer;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.BatchWriter;
import org.kiln.transfer.batch.Batches;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.RecordsWriter;
import org.kiln.transfer.batch.StagedRecords;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.envelope.ContentWriter;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.Pki;
import org.kiln.transfer.envelope.Sealer;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.openpgp.Messages;
import org.kiln.transfer.openpgp.PgpOpener;
import org.kiln.transfer.openpgp.PgpSealer;
import org.kiln.transfer.output.KilnJson;
import org.kiln.transfer.output.OutputFormat;
import org.kiln.transfer.output.OutputFormats;
import org.kiln.transfer.output.OutputHeader;
import org.kiln.transfer.output.Outputs;
import org.kiln.transfer.output.StagedOutput;

/** Seals and opens more than its heap could hold; run by {@link SmallHeapTest} in a JVM of its own. */
public final class SmallHeapMain {

    private static final Pki PKI = Pki.shared();
    private static final List<String> OTA = List.of("KIC1", "KID1", "KIK1");

    private SmallHeapMain() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        int amount = Integer.parseInt(arguments[2]);
        switch (arguments[0]) {
            case "batch" -> batch(folder, amount);
            case "vendor-text" -> output(folder, Outputs.vendorText(), amount);
            case "kiln-json" -> output(folder, new KilnJson(), amount);
            case "openpgp" -> openPgp(folder, amount);
            case "octets" -> octets(folder, amount);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void batch(Path folder, int cards) throws IOException {
        StagedRecords staged = stage(folder.resolve("records"), cards);
        System.out.println("octets=" + Files.size(staged.path()));
        Path file = seal(folder, out -> BatchWriter.write(out, Batches.header(), staged));
        Opener opener = opener();
        AtomicLong count = new AtomicLong();
        Manifest manifest =
                opener.open(file, opener.verify(file), in -> BatchReader.read(in, card -> count.incrementAndGet()));
        System.out.println("manifest=" + manifest.quantity() + " read=" + count);
    }

    private static void output(Path folder, OutputFormat format, int cards) throws IOException {
        OutputHeader header = Outputs.header(Wrapping.AES_KWP, cards);
        Random random = new Random(1);
        try (StagedOutput staged = StagedOutput.create(folder.resolve("records"), format, header)) {
            for (int i = 0; i < cards; i++) {
                staged.append(Outputs.row(i, Wrapping.AES_KWP, random));
            }
            staged.finish();
            Path file = seal(folder, out -> BatchWriter.write(out, header.batch(), staged.records()));
            Opener opener = opener();
            AtomicLong count = new AtomicLong();
            Manifest manifest = opener.open(
                    file,
                    opener.verify(file),
                    in -> BatchReader.read(in, OutputFormats.PARSER, card -> count.incrementAndGet()));
            System.out.println("manifest=" + manifest.quantity() + " read=" + count);
        }
    }

    private static void openPgp(Path folder, int megabytes) throws IOException {
        Path file = folder.resolve("message");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            new PgpSealer(Messages.OPERATOR, List.of(Messages.VENDOR.certificate()), InstantSource.system())
                    .seal(out, "zeros", to -> {
                        byte[] megabyte = new byte[1 << 20];
                        for (int i = 0; i < megabytes; i++) {
                            to.write(megabyte);
                        }
                    });
        }
        PgpOpener opener =
                new PgpOpener(Messages.VENDOR, Set.of(Messages.OPERATOR.certificate()), InstantSource.system());
        long read = opener.<Long>open(file, opener.verify(file), in -> in.transferTo(OutputStream.nullOutputStream()));
        System.out.println("read=" + read);
    }

    private static void octets(Path folder, int megabytes) throws IOException {
        Path file = seal(folder, out -> {
            byte[] megabyte = new byte[1 << 20];
            for (int i = 0; i < megabytes; i++) {
                out.write(megabyte);
            }
        });
        Opener opener = opener();
        long read = opener.<Long>open(file, opener.verify(file), in -> in.transferTo(OutputStream.nullOutputStream()));
        System.out.println("read=" + read);
    }

    private static StagedRecords stage(Path path, int cards) throws IOException {
        Random random = new Random(1);
        try (RecordsWriter writer = RecordsWriter.create(path, columns())) {
            for (int i = 0; i < cards; i++) {
                Map<String, String> row = Batches.row(i, random);
                OTA.forEach(name -> row.put(name, Batches.hex(random, 24)));
                writer.append(row);
            }
            return writer.finish();
        }
    }

    private static List<Column> columns() {
        List<Column> columns = new ArrayList<>(Batches.COLUMNS);
        OTA.forEach(name ->
                columns.add(Column.wrapped(name, Batches.KEY.label(), "A1B2C3", Wrapping.AES_KWP, Content.AES_KEY)));
        return columns;
    }

    private static Path seal(Path folder, ContentWriter content) throws IOException {
        Path file = folder.resolve("envelope");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            new Sealer(PKI.signer, List.of(PKI.rsa.certificate(), PKI.ec.certificate()), Pki.CLOCK).seal(out, content);
        }
        return file;
    }

    private static Opener opener() throws IOException {
        return new Opener(PKI.ec, SignerTrust.pinned(PKI.signer.certificate()), Pki.CLOCK);
    }
}
