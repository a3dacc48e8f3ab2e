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
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.DeliveryPlan;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.partner.Partner;
import org.kiln.transfer.batch.BatchHeader;
import org.kiln.transfer.batch.BatchWriter;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.RecordsWriter;
import org.kiln.transfer.batch.StagedRecords;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.Sealer;

/**
 * Writes the files of an order, each signed with the token's key and encrypted to its recipient. A file appears whole or
 * not at all.
 */
public final class DeliveryFiles {

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
    public DeliveryFiles(
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

    /** A file that was written. */
    public record Written(String sha256, String manifestSha256) {}

    /** Where a file is, once it is ready. */
    public Path path(String orderId, String partner) {
        return folder.resolve(orderId + "." + partner + ".kiln");
    }

    /**
     * Checks that a file could be written, before any card is made.
     *
     * @throws OrderException.Refused if the transport key is not the partner's, or the certificate is none
     */
    public void requireDeliverable(DeliveryPlan plan) {
        transportKey(plan.partner());
        certificate("deliveryCertificate", plan.partner().signingCertificate());
        try {
            new Sealer(
                    signer,
                    List.of(certificate("deliveryCertificate", plan.partner().certificate())),
                    clock);
        } catch (IOException e) {
            throw new OrderException.Refused("deliveryCertificate: " + e.getMessage());
        }
    }

    /** The columns of a file. */
    public List<Column> columns(Order order, DeliveryPlan plan) {
        return CardColumns.of(
                order.profile(),
                order.request(),
                plan,
                transportKey(plan.partner()).kcv().zeroBlock());
    }

    /** Writes the file of an order whose cards are all made. */
    public Written write(Order order, DeliveryPlan plan) {
        Path file = path(order.id(), plan.partner().name());
        Path staged = file.resolveSibling(file.getFileName() + ".csv.part");
        Path sealed = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(staged);
            StagedRecords records = stage(order, plan, staged);
            seal(order, plan, records, sealed);
            Files.delete(staged);
            try (FileChannel channel = FileChannel.open(sealed, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            String sha256 = sha256(sealed);
            Files.move(sealed, file, StandardCopyOption.ATOMIC_MOVE);
            return new Written(sha256, records.sha256());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the file for " + plan.partner().name() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private StagedRecords stage(Order order, DeliveryPlan plan, Path staged) throws IOException {
        try (RecordsWriter records = RecordsWriter.create(staged, columns(order, plan))) {
            cards.<IOException>forEachRow(order.id(), plan.partner().name(), records::append);
            return records.finish();
        }
    }

    private void seal(Order order, DeliveryPlan plan, StagedRecords records, Path sealed) throws IOException {
        TransportKey key = transportKey(plan.partner());
        BatchHeader header = new BatchHeader(
                order.id(),
                order.id(),
                issuer,
                plan.partner().name(),
                order.created(),
                List.of(new KeyReference(
                        key.label(),
                        KeyReference.Algorithm.valueOf("AES_" + 8 * key.octets()),
                        key.kcv().zeroBlock(),
                        key.kcv().cmac())));
        Sealer sealer = new Sealer(
                signer, List.of(certificate("certificate", plan.partner().certificate())), clock);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(sealed))) {
            sealer.seal(out, content -> BatchWriter.write(content, header, records));
        }
    }

    /** Removes a file and what a crash may have left beside it. */
    public void destroy(String orderId, String partner) {
        Path file = path(orderId, partner);
        try {
            for (String suffix : List.of("", ".part", ".csv.part")) {
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file + " cannot be removed: " + e.getMessage(), e);
        }
    }

    /**
     * The transport key of a partner, fit for use today.
     *
     * @throws OrderException.Refused if it is not
     */
    private TransportKey transportKey(Partner partner) {
        TransportKey key = transportKeys
                .find(partner.transportKey())
                .filter(found -> found.partner().equals(partner.name()) && found.direction() == Direction.OUTGOING)
                .orElseThrow(() -> new OrderException.Refused(
                        "transportKey '" + partner.transportKey() + "' is no outgoing key of '" + partner.name()
                                + "'; make one with 'kiln transport-key create'"));
        key.refusal(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)).ifPresent(why -> {
            throw new OrderException.Refused(why);
        });
        return key;
    }

    /**
     * Reads a certificate.
     *
     * @throws OrderException.Refused if it is none
     */
    public static X509Certificate certificate(String member, String pemText) {
        try (PEMParser pem = new PEMParser(new StringReader(pemText))) {
            if (pem.readObject() instanceof X509CertificateHolder holder) {
                return new JcaX509CertificateConverter().getCertificate(holder);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new OrderException.Refused(member + " is no X.509 certificate in PEM: " + e.getMessage());
        }
        throw new OrderException.Refused(member + " is no X.509 certificate in PEM");
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
