package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.crypto.Wrapper;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.RFC5649WrapEngine;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.batch.BatchHeader;
import org.kiln.transfer.batch.BatchWriter;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.RecordsWriter;
import org.kiln.transfer.batch.StagedRecords;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.Sealer;
import org.kiln.transfer.keyblock.TransportKeyFile;
import org.kiln.transfer.output.OutputFormat;
import org.kiln.transfer.output.OutputHeader;
import org.kiln.transfer.output.StagedOutput;

/** An operator with a transport key, a token that wraps under it, and a signing key. Made with JCA, not with Kiln. */
final class TestSender implements AutoCloseable {

    static final int CARDS = 3;
    static final List<String> WRAPPED = List.of("KI", "OPC", "KIC1", "KID1", "PIN1", "NAME");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    final String label;
    final byte[] transportKey = new byte[32];
    final Identity signer = signer();
    private final Session session = ScratchToken.create().openAs(Ck.CKU_USER);
    private final long wrappingKey;

    TestSender(String label) {
        this.label = label;
        new SecureRandom().nextBytes(transportKey);
        wrappingKey = importSecret(Ck.CKK_AES, transportKey, Cka.WRAP);
    }

    byte[] wrapTransportKey(PublicKey receiver) {
        return oaep(receiver, transportKey);
    }

    TransportKeyFile keyFile(PublicKey receiver) {
        return new TransportKeyFile(
                TransportKeyFile.FORMAT,
                label,
                "operator",
                "acme",
                "AES-256",
                kcv(KcvConvention.ZERO_BLOCK, 3),
                kcv(KcvConvention.CMAC, 5),
                TransportKeyFile.Wrapping.RSA_OAEP_SHA1,
                TransportKeyFile.fingerprint(receiver),
                null,
                HexFormat.of().formatHex(wrapTransportKey(receiver)));
    }

    static byte[] oaep(PublicKey receiver, byte[] value) {
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
            cipher.init(Cipher.ENCRYPT_MODE, receiver);
            return cipher.doFinal(value);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    KeyReference reference() {
        return new KeyReference(
                label, KeyReference.Algorithm.AES_256, kcv(KcvConvention.ZERO_BLOCK, 3), kcv(KcvConvention.CMAC, 5));
    }

    String kcv(KcvConvention convention, int octets) {
        return kcv(convention, transportKey, octets);
    }

    private static String kcv(KcvConvention convention, byte[] key, int octets) {
        byte[] block = switch (convention) {
            case ZERO_BLOCK -> encrypt(key, new byte[16]);
            case GLOBALPLATFORM_AES -> encrypt(key, ones());
            case CMAC -> cmac(key);
        };
        return HEX.formatHex(block, 0, octets);
    }

    private static byte[] ones() {
        byte[] block = new byte[16];
        Arrays.fill(block, (byte) 1);
        return block;
    }

    private static byte[] cmac(byte[] key) {
        CMac mac = new CMac(AESEngine.newInstance());
        mac.init(new KeyParameter(key));
        mac.update(new byte[16], 0, 16);
        byte[] out = new byte[16];
        mac.doFinal(out, 0);
        return out;
    }

    static byte[] encrypt(byte[] key, byte[] block) {
        try {
            Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
            return cipher.doFinal(block);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** A value of each kind and length, known to both sides of a test. */
    static byte[] plain(String column, int card) {
        return switch (column) {
            case "PIN1" -> new byte[] {'1', '2', '3', (byte) ('4' + card), -1, -1, -1, -1};
            case "NAME" -> ("Zürich, Bahnhofstrasse " + card).getBytes(StandardCharsets.UTF_8);
            case "KIC1" -> digest(column, card);
            default -> Arrays.copyOf(digest(column, card), 16);
        };
    }

    private static byte[] digest(String column, int card) {
        try {
            return MessageDigest.getInstance("SHA-256").digest((column + card).getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    List<Column> columns() {
        String kcv = kcv(KcvConvention.ZERO_BLOCK, 3);
        return List.of(
                Column.clear("ICCID"),
                Column.wrapped("KI", label, kcv, Wrapping.AES_KWP, Content.AES_KEY),
                Column.kcv("KI", KcvConvention.ZERO_BLOCK),
                Column.wrapped("OPC", label, kcv, Wrapping.AES_KW, Content.AES_KEY),
                Column.wrapped("KIC1", label, kcv, Wrapping.AES_KWP, Content.AES_KEY),
                Column.kcv("KIC1", KcvConvention.CMAC),
                Column.wrapped("KID1", label, kcv, Wrapping.AES_KWP, Content.AES_KEY),
                Column.kcv("KID1", KcvConvention.GLOBALPLATFORM_AES),
                Column.wrapped("PIN1", label, kcv, Wrapping.AES_KWP, Content.CODE),
                Column.wrapped("NAME", label, kcv, Wrapping.AES_KWP, Content.TEXT));
    }

    private Map<String, String> row(int card) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("ICCID", "894900000000000000" + card);
        for (String column : WRAPPED) {
            row.put(column, wrap(column.equals("OPC") ? Wrapping.AES_KW : Wrapping.AES_KWP, plain(column, card)));
        }
        row.put("KI_KCV", kcv(KcvConvention.ZERO_BLOCK, plain("KI", card), 3));
        row.put("KIC1_KCV", kcv(KcvConvention.CMAC, plain("KIC1", card), 5));
        row.put("KID1_KCV", kcv(KcvConvention.GLOBALPLATFORM_AES, plain("KID1", card), 3));
        return row;
    }

    /** By the token, or by software where SoftHSM pads with zeros before it wraps and the length is lost. */
    String wrap(Wrapping wrapping, byte[] value) {
        if (value.length % 8 != 0) {
            Wrapper kwp = new RFC5649WrapEngine(AESEngine.newInstance());
            kwp.init(true, new KeyParameter(transportKey));
            return HEX.formatHex(kwp.wrap(value, 0, value.length));
        }
        long secret = importSecret(Ck.CKK_GENERIC_SECRET, value);
        Mechanism mechanism = wrapping == Wrapping.AES_KW
                ? ScratchToken.profile().aesKeyWrap()
                : ScratchToken.profile().aesKeyWrapPadded();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(256);
            int length = session.wrapKey(mechanism, wrappingKey, secret, out);
            return HEX.formatHex(out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        } finally {
            session.destroyObject(secret);
        }
    }

    private long importSecret(long type, byte[] value, Cka... rights) {
        try (Arena arena = Arena.ofConfined()) {
            Template.Builder template = Template.builder()
                    .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                    .with(Cka.KEY_TYPE, type)
                    .with(Cka.TOKEN, false)
                    .with(Cka.SENSITIVE, true)
                    .with(Cka.EXTRACTABLE, true)
                    .with(Cka.VALUE, arena.allocateFrom(ValueLayout.JAVA_BYTE, value));
            for (Cka right : rights) {
                template.with(right, true);
            }
            return session.createObject(template.build());
        }
    }

    /** A good file for {@code recipient}. */
    Path file(Path folder, TestRecipient recipient) throws IOException {
        return file(folder, recipient.identity.certificate(), TestRecipient.NAME, reference(), (_, _) -> {});
    }

    /** A file whose rows {@code change} may falsify before they are signed and sealed. */
    Path file(
            Path folder,
            X509Certificate certificate,
            String recipient,
            KeyReference reference,
            BiConsumer<Integer, Map<String, String>> change)
            throws IOException {
        List<Column> columns = columns().stream()
                .map(column -> column.keyKcv() == null ? column : withKcv(column, reference))
                .toList();
        StagedRecords records;
        try (RecordsWriter writer = RecordsWriter.create(folder.resolve("records.csv"), columns)) {
            for (int card = 0; card < CARDS; card++) {
                Map<String, String> row = row(card);
                change.accept(card, row);
                writer.append(row);
            }
            records = writer.finish();
        }
        BatchHeader header = new BatchHeader(
                "order-17",
                "batch-3",
                "Kiln Telecom",
                recipient,
                Instant.parse("2026-11-24T08:00:00Z"),
                List.of(reference));
        Path file = folder.resolve("order-17.kiln");
        try (OutputStream out = Files.newOutputStream(file)) {
            new Sealer(signer, List.of(certificate), InstantSource.system())
                    .seal(out, content -> BatchWriter.write(content, header, records));
        }
        return file;
    }

    /** A file with columns and cards of the test's own. */
    Path seal(Path folder, TestRecipient recipient, List<Column> columns, List<Map<String, String>> rows)
            throws IOException {
        return seal(folder, recipient.identity.certificate(), columns, rows);
    }

    Path seal(Path folder, X509Certificate certificate, List<Column> columns, List<Map<String, String>> rows)
            throws IOException {
        StagedRecords records;
        try (RecordsWriter writer = RecordsWriter.create(folder.resolve("own.csv"), columns)) {
            for (Map<String, String> row : rows) {
                writer.append(row);
            }
            records = writer.finish();
        }
        BatchHeader header = new BatchHeader(
                "order-18",
                "batch-4",
                "Kiln Telecom",
                TestRecipient.NAME,
                Instant.parse("2026-11-24T08:00:00Z"),
                List.of(reference()));
        Path file = folder.resolve("order-18.kiln");
        try (OutputStream out = Files.newOutputStream(file)) {
            new Sealer(signer, List.of(certificate), InstantSource.system())
                    .seal(out, content -> BatchWriter.write(content, header, records));
        }
        return file;
    }

    /**
     * A key made in the token as Kiln makes those of cards, wrapped by AES-KWP.
     *
     * @param kcv the token's own check value of it: 6 hexadecimal digits
     */
    record Generated(String wrapped, String kcv) {}

    Generated generate(long mechanism, Template template) {
        long key = session.generateKey(Mechanism.of(mechanism), template);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(64);
            int length = session.wrapKey(ScratchToken.profile().aesKeyWrapPadded(), wrappingKey, key, out);
            MemorySegment kcv = arena.allocate(3);
            session.getAttribute(key, Cka.CHECK_VALUE, kcv);
            return new Generated(
                    HEX.formatHex(out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)),
                    HEX.formatHex(kcv.toArray(ValueLayout.JAVA_BYTE)));
        } finally {
            session.destroyObject(key);
        }
    }

    /** A file of another format, with a key and a code for each card. */
    Path file(
            Path folder,
            X509Certificate certificate,
            String recipient,
            OutputFormat format,
            Wrapping wrapping,
            String batch)
            throws IOException {
        String kcv = kcv(KcvConvention.ZERO_BLOCK, 3);
        OutputHeader header = new OutputHeader(
                new BatchHeader(
                        "order-17",
                        batch,
                        "Kiln Telecom",
                        recipient,
                        Instant.parse("2026-11-24T08:00:00Z"),
                        List.of(reference()),
                        "gold"),
                CARDS,
                List.of(
                        Column.clear("ICCID"),
                        Column.clear("IMSI"),
                        Column.wrapped("KI", label, kcv, wrapping, Content.AES_KEY),
                        Column.kcv("KI", KcvConvention.ZERO_BLOCK),
                        Column.wrapped("PIN1", label, kcv, Wrapping.AES_KWP, Content.CODE)));
        Path staged = Files.createTempFile(folder, "staged", "");
        Files.delete(staged);
        Path file = folder.resolve(batch + ".kiln");
        try (StagedOutput records = StagedOutput.create(staged, format, header);
                OutputStream out = Files.newOutputStream(file)) {
            for (int card = 0; card < CARDS; card++) {
                Map<String, String> row = new LinkedHashMap<>();
                row.put("ICCID", "894900000000000000" + card);
                row.put("IMSI", "00101000000000" + card);
                row.put("KI", wrapAnyhow(wrapping, plain("KI", card)));
                row.put("KI_KCV", kcv(KcvConvention.ZERO_BLOCK, plain("KI", card), 3));
                row.put("PIN1", wrap(Wrapping.AES_KWP, plain("PIN1", card)));
                records.append(row);
            }
            records.finish();
            new Sealer(signer, List.of(certificate), InstantSource.system())
                    .seal(out, content -> BatchWriter.write(content, header.batch(), records.records()));
        }
        return file;
    }

    private String wrapAnyhow(Wrapping wrapping, byte[] value) {
        return wrapping.authenticates() ? wrap(wrapping, value) : HEX.formatHex(encrypt(transportKey, value));
    }

    private static Column withKcv(Column column, KeyReference reference) {
        String kcv = reference.kcvZero() == null ? reference.kcvCmac() : reference.kcvZero();
        return Column.wrapped(column.name(), column.keyLabel(), kcv, column.wrapping(), column.content());
    }

    private static Identity signer() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            X500Name name = new X500Name("CN=Kiln Telecom");
            Instant now = Instant.now();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(64, new SecureRandom()),
                    Date.from(now.minus(1, ChronoUnit.DAYS)),
                    Date.from(now.plus(30, ChronoUnit.DAYS)),
                    name,
                    pair.getPublic());
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            return Identity.inMemory(
                    pair.getPrivate(),
                    new JcaX509CertificateConverter()
                            .getCertificate(builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))));
        } catch (GeneralSecurityException | OperatorException | IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
