package org.kiln.personalisation.output;

import java.io.IOException;
import java.io.InputStream;
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
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Delivery;
import org.kiln.personalisation.order.DeliveryPlan;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.RetainedKeys;
import org.kiln.personalisation.partner.Partner;
import org.kiln.transfer.acknowledgement.AcknowledgementFile;
import org.kiln.transfer.batch.BatchHeader;
import org.kiln.transfer.batch.BatchWriter;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.StagedRecords;
import org.kiln.transfer.batch.StagingCipher;
import org.kiln.transfer.output.KeyBlocks;
import org.kiln.transfer.output.OutputHeader;
import org.kiln.transfer.output.StagedOutput;

/**
 * Writes the files of an order, each signed with the token's key and encrypted to its recipient. A file appears whole or
 * not at all.
 */
public final class DeliveryFiles {

    private static final String STAGED = ".records.part";
    private static final String SEALED = ".part";
    private static final String WRAPPING =
            "transportKey '%s' is no outgoing key of '%s'; make one with 'kiln transport-key create'";
    private static final String FOR_KEY_BLOCKS =
            "protectionKey '%s' of keyBlocks is no key for key blocks of '%s'; make one"
                    + " with 'kiln transport-key create --key-blocks'";

    private final Path folder;
    private final String issuer;
    private final Envelopes envelopes;
    private final CardStore cards;
    private final TransportKeyRegister transportKeys;
    private final ClearCodes codes;
    private final InstantSource clock;

    /**
     * @param folder where files go
     * @param issuer named in the manifest
     * @param envelopes sign and encrypt
     * @param codes for files that have codes in the clear
     */
    public DeliveryFiles(
            Path folder,
            String issuer,
            Envelopes envelopes,
            CardStore cards,
            TransportKeyRegister transportKeys,
            ClearCodes codes,
            InstantSource clock) {
        this.folder = folder;
        this.issuer = issuer;
        this.envelopes = envelopes;
        this.cards = cards;
        this.transportKeys = transportKeys;
        this.codes = codes;
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
     * @throws OrderException.Refused if a transport key is not the partner's, a certificate is none, or the format cannot
     *     hold what it must
     */
    public void requireDeliverable(Order order, DeliveryPlan plan) {
        Partner partner = plan.partner();
        try {
            columns(order, plan);
            certificate("acknowledgementCertificate", partner.signingCertificate());
            envelopes.requireFor(partner);
        } catch (IllegalArgumentException e) {
            throw new OrderException.Refused("the file for '" + partner.name() + "': " + e.getMessage());
        }
    }

    /** The columns of a file. */
    public List<Column> columns(Order order, DeliveryPlan plan) {
        Map<String, TransportKey> keys = transportKeys(plan.partner());
        return CardColumns.of(
                order.profile(),
                order.request(),
                plan,
                label -> Objects.requireNonNull(keys.get(label)).kcv().zeroBlock());
    }

    /** The octets of the key that protects a column of key blocks. */
    public int protectionKeyOctets(Partner partner, Column column) {
        return Objects.requireNonNull(transportKeys(partner).get(column.keyLabel()))
                .octets();
    }

    /** Writes the file of an order whose cards are all made. */
    public Written write(Order order, DeliveryPlan plan) {
        Path file = path(order.id(), plan.partner().name());
        Path staged = file.resolveSibling(file.getFileName() + STAGED);
        Path sealed = file.resolveSibling(file.getFileName() + SEALED);
        try (StagingCipher cipher = plan.partner().format().holdsCodesInTheClear() ? codes.newCipher() : null) {
            Files.createDirectories(folder);
            Files.deleteIfExists(staged);
            OutputHeader header = header(order, plan);
            StagedRecords records = stage(order, plan, header, staged, cipher);
            Manifest manifest = header.batch().manifest(records);
            envelopes.seal(plan.partner(), sealed, content -> BatchWriter.write(content, header.batch(), records));
            Files.delete(staged);
            try (FileChannel channel = FileChannel.open(sealed, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            String sha256 = sha256(sealed);
            Files.move(sealed, file, StandardCopyOption.ATOMIC_MOVE);
            return new Written(sha256, manifest.digest());
        } catch (IOException e) {
            removeParts(e, staged, sealed);
            throw new UncheckedIOException(
                    "the file for " + plan.partner().name() + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Gives the disk back at once what it was short of. */
    private static void removeParts(IOException why, Path... parts) {
        for (Path part : parts) {
            try {
                Files.deleteIfExists(part);
            } catch (IOException e) {
                why.addSuppressed(e);
            }
        }
    }

    /** What a recipient's acknowledgement must say of his file. */
    public static AcknowledgementFile.Expected expected(Order order, Delivery delivery) {
        return new AcknowledgementFile.Expected(
                order.id(),
                batchId(order, delivery.partner()),
                Objects.requireNonNullElse(delivery.manifestSha256(), ""),
                order.request().quantity(),
                delivery.partner());
    }

    private static String batchId(Order order, String partner) {
        return order.id() + "." + partner;
    }

    private OutputHeader header(Order order, DeliveryPlan plan) {
        List<KeyReference> keys = transportKeys(plan.partner()).values().stream()
                .map(key -> new KeyReference(
                        key.label(),
                        KeyReference.Algorithm.valueOf("AES_" + 8 * key.octets()),
                        key.kcv().zeroBlock(),
                        key.kcv().cmac()))
                .toList();
        BatchHeader batch = new BatchHeader(
                order.id(),
                batchId(order, plan.partner().name()),
                issuer,
                plan.partner().name(),
                order.created(),
                keys,
                order.profile().name() + "/" + order.profileVersion());
        return new OutputHeader(batch, order.request().quantity(), columns(order, plan));
    }

    private StagedRecords stage(
            Order order, DeliveryPlan plan, OutputHeader header, Path staged, @Nullable StagingCipher cipher)
            throws IOException {
        try (StagedOutput output = StagedOutput.create(staged, plan.partner().format(), header, cipher)) {
            cards.<IOException>forEachRow(
                    order.id(), plan.partner().name(), row -> output.append(withClearCodes(order, plan, row)));
            output.finish();
            return output.records();
        }
    }

    /** A line as the file has it: a code that stands in the clear there rests under the host storage key here. */
    private Map<String, String> withClearCodes(Order order, DeliveryPlan plan, Map<String, String> row) {
        if (!plan.partner().format().holdsCodesInTheClear()) {
            return row;
        }
        Map<String, String> clear = new HashMap<>(row);
        order.profile()
                .codesInOrder()
                .keySet()
                .forEach(code -> clear.computeIfPresent(
                        code, (_, kept) -> codes.read(RetainedKeys.key(kept, "a card of order " + order.id()))));
        return clear;
    }

    /** Removes what a crash left of files being written or handed in; before anything is. */
    public void removeLeftovers() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path left :
                    files.filter(file -> file.toString().endsWith(SEALED)).toList()) {
                Files.deleteIfExists(left);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the folder " + folder + " cannot be cleared: " + e.getMessage(), e);
        }
    }

    /** Removes a file and what a crash may have left beside it. */
    public void destroy(String orderId, String partner) {
        Path file = path(orderId, partner);
        try {
            for (String suffix : List.of("", SEALED, STAGED)) {
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file + " cannot be removed: " + e.getMessage(), e);
        }
    }

    /**
     * The transport keys of a partner by label, all fit for use today.
     *
     * @throws OrderException.Refused if one is not
     */
    private Map<String, TransportKey> transportKeys(Partner partner) {
        Map<String, TransportKey> keys = partner.transportKeys().stream()
                .collect(Collectors.toMap(
                        label -> label, label -> transportKey(partner, label, Direction.OUTGOING, WRAPPING)));
        KeyBlocks blocks = partner.format().keyBlocks();
        if (blocks != null) {
            String label = blocks.protectionKey();
            keys.put(label, transportKey(partner, label, Direction.KEY_BLOCKS, FOR_KEY_BLOCKS));
        }
        return keys;
    }

    private TransportKey transportKey(Partner partner, String label, Direction direction, String otherwise) {
        TransportKey key = transportKeys
                .find(label)
                .filter(found -> found.partner().equals(partner.name()) && found.direction() == direction)
                .orElseThrow(
                        () -> new OrderException.Refused(String.format(Locale.ROOT, otherwise, label, partner.name())));
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
