package org.kiln.personalisation.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderException;
import org.kiln.transfer.batch.BatchHeader;
import org.kiln.transfer.batch.BatchWriter;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.RecordsWriter;
import org.kiln.transfer.batch.StagedRecords;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.Sealer;

/** Writes the file that a vendor gets: a signed and encrypted Kiln batch. It appears whole or not at all. */
public final class VendorFile {

    private final Path folder;
    private final String issuer;
    private final Identity signer;
    private final CardStore cards;
    private final TransportKeyRegister transportKeys;
    private final InstantSource clock;

    /**
     * @param folder where files go
     * @param issuer named in the manifest
     * @param signer the token's signing key
     */
    public VendorFile(
            Path folder,
            String issuer,
            Identity signer,
            CardStore cards,
            TransportKeyRegister transportKeys,
            InstantSource clock) {
        this.folder = folder;
        this.issuer = issuer;
        this.signer = signer;
        this.cards = cards;
        this.transportKeys = transportKeys;
        this.clock = clock;
    }

    /** Where an order's file is, once it is ready. */
    public Path path(String orderId) {
        return folder.resolve(orderId + ".kiln");
    }

    /**
     * Checks that a file could be written for an order, before any card is made.
     *
     * @throws OrderException if the transport key is not the vendor's, or the certificate is none
     */
    public void requireDeliverable(CardOrder order) {
        vendorKey(order);
        try {
            new Sealer(signer, List.of(certificate(order)), clock);
        } catch (IOException e) {
            throw new OrderException("deliveryCertificate: " + e.getMessage());
        }
    }

    /** Writes the file of an order whose cards are all made; returns its SHA-256. */
    public String write(Order order) {
        Path staged = folder.resolve(order.id() + ".csv.part");
        Path sealed = folder.resolve(order.id() + ".kiln.part");
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(staged);
            seal(order, stage(order, staged), sealed);
            Files.delete(staged);
            try (FileChannel channel = FileChannel.open(sealed, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            String sha256 = sha256(sealed);
            Files.move(sealed, path(order.id()), StandardCopyOption.ATOMIC_MOVE);
            return sha256;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the file of order " + order.id() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private StagedRecords stage(Order order, Path staged) throws IOException {
        TransportKey key = vendorKey(order.request());
        List<Column> columns = VendorColumns.of(
                order.request().profile(), key.label(), key.kcv().zeroBlock());
        try (RecordsWriter records = RecordsWriter.create(staged, columns)) {
            cards.<IOException>forEachRow(order.id(), records::append);
            return records.finish();
        }
    }

    private void seal(Order order, StagedRecords records, Path sealed) throws IOException {
        TransportKey key = vendorKey(order.request());
        BatchHeader header = new BatchHeader(
                order.id(),
                order.id(),
                issuer,
                order.request().vendor(),
                order.created(),
                List.of(new KeyReference(
                        key.label(),
                        KeyReference.Algorithm.valueOf("AES_" + 8 * key.octets()),
                        key.kcv().zeroBlock(),
                        key.kcv().cmac())));
        Sealer sealer = new Sealer(signer, List.of(certificate(order.request())), clock);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(sealed))) {
            sealer.seal(out, content -> BatchWriter.write(content, header, records));
        }
    }

    private TransportKey vendorKey(CardOrder order) {
        TransportKey key = transportKeys
                .find(order.transportKey())
                .filter(found -> found.partner().equals(order.vendor()) && found.direction() == Direction.OUTGOING)
                .orElseThrow(() -> new OrderException("transportKey '" + order.transportKey()
                        + "' is no key of vendor '" + order.vendor() + "'; make one with 'kiln transport-key create'"));
        key.refusal(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)).ifPresent(why -> {
            throw new OrderException(why);
        });
        return key;
    }

    private static X509Certificate certificate(CardOrder order) {
        try (PEMParser pem = new PEMParser(new StringReader(order.deliveryCertificate()))) {
            if (pem.readObject() instanceof X509CertificateHolder holder) {
                return new JcaX509CertificateConverter().getCertificate(holder);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new OrderException("deliveryCertificate is no X.509 certificate in PEM: " + e.getMessage());
        }
        throw new OrderException("deliveryCertificate is no X.509 certificate in PEM");
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
