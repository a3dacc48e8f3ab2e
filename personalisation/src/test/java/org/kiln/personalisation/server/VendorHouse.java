package org.kiln.personalisation.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyComponent;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.personalisation.demo.KilnProcess;
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
import org.kiln.transfer.numbering.Iccid;

/** A card vendor who makes keys himself: his transport key, and batches as his data preparation writes them. */
final class VendorHouse {

    private static final byte[] TRANSPORT_KEY =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    /** Signs as somebody. */
    @FunctionalInterface
    interface Signers {
        Identity of(String name) throws Exception;
    }

    private final Path folder;
    private final String data;
    private final Signers signers;

    VendorHouse(Path folder, Shop shop) {
        this(folder, shop.data(), shop::identity);
    }

    /** A vendor whose transport key somebody else imports. */
    VendorHouse(Path folder, Signers signers) {
        this(folder, "", signers);
    }

    private VendorHouse(Path folder, String data, Signers signers) {
        this.folder = folder;
        this.data = data;
        this.signers = signers;
    }

    private static byte[] ecb(byte[] key, byte[] block) throws GeneralSecurityException {
        Cipher ecb = Cipher.getInstance("AES/ECB/NoPadding");
        ecb.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return ecb.doFinal(block);
    }

    private static String kcv(byte[] key) throws Exception {
        return HexFormat.of().withUpperCase().formatHex(ecb(key, new byte[16]), 0, 3);
    }

    private static String wrapped(byte[] key) throws Exception {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.WRAP_MODE, new SecretKeySpec(TRANSPORT_KEY, "AES"));
        return HexFormat.of().withUpperCase().formatHex(kwp.wrap(new SecretKeySpec(key, "AES")));
    }

    private Path component(String name, byte[] value) throws Exception {
        return Files.writeString(folder.resolve(name), HexFormat.of().formatHex(value) + "\n" + kcv(value) + "\n");
    }

    /** Two files of components of his transport key. */
    private List<Path> components() throws Exception {
        byte[] one = new byte[32];
        byte[] two = TRANSPORT_KEY.clone();
        Arrays.fill(one, (byte) 0x5a);
        for (int i = 0; i < two.length; i++) {
            two[i] ^= 0x5a;
        }
        return List.of(component("one", one), component("two", two));
    }

    /** Imports it for {@code acme} by a ceremony of two custodians; returns its check values. */
    Kcv importTransportKey(Ceremony ceremony) throws Exception {
        List<KeyComponent> read = components().stream().map(KeyComponent::read).toList();
        try {
            return new TransportKeys(ceremony)
                    .importFromComponents("acme-in", TransportKeys.Direction.INCOMING, read, Optional.empty());
        } finally {
            read.forEach(KeyComponent::close);
        }
    }

    void importTransportKey() throws Exception {
        List<Path> components = components();
        KilnProcess.succeed(
                "transport-key",
                "import",
                "--data",
                data,
                "--label",
                "acme-in",
                "--partner",
                "acme",
                "--direction",
                "incoming",
                "--component",
                components.get(0).toString(),
                "--component",
                components.get(1).toString());
    }

    /**
     * A secret of each card beside Ki and OPc.
     *
     * @param kcv how its check values are computed; null if it has none
     */
    record Secret(
            String name,
            Content content,
            int octets,
            @Nullable KcvConvention kcv) {

        static Secret code(String name) {
            return new Secret(name, Content.CODE, 8, null);
        }

        /** What a card has of it. */
        byte[] of(int card) {
            try {
                byte[] value = Arrays.copyOf(
                        MessageDigest.getInstance("SHA-256").digest((name + card).getBytes(StandardCharsets.US_ASCII)),
                        octets);
                if (content == Content.CODE) {
                    for (int i = 0; i < octets; i++) {
                        value[i] = (byte) ('0' + (value[i] & 0xff) % 10);
                    }
                }
                return value;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** A length that is no such key's, in a blob of the same length; an octet too many of a code. */
        int wrongOctets() {
            return content == Content.CODE ? octets + 1 : octets - 1;
        }

        String checkValue(byte[] key) throws GeneralSecurityException {
            byte[] block = new byte[16];
            switch (kcv) {
                case ZERO_BLOCK -> {
                    if (content == Content.DES_KEY) {
                        byte[] three = Arrays.copyOf(key, 24);
                        System.arraycopy(key, 0, three, 16, octets == 16 ? 8 : 0);
                        Cipher des = Cipher.getInstance("DESede/ECB/NoPadding");
                        des.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(three, "DESede"));
                        block = des.doFinal(new byte[8]);
                    } else {
                        block = ecb(key, block);
                    }
                }
                case GLOBALPLATFORM_AES -> {
                    Arrays.fill(block, (byte) 1);
                    block = ecb(key, block);
                }
                case CMAC -> {
                    CMac mac = new CMac(AESEngine.newInstance());
                    mac.init(new KeyParameter(key));
                    mac.update(new byte[16], 0, 16);
                    mac.doFinal(block, 0);
                }
                case null -> throw new IllegalStateException(name + " has no check value");
            }
            return HexFormat.of().withUpperCase().formatHex(block, 0, 3);
        }
    }

    /** What the operator retains of the example's profile. */
    static final List<Secret> RETAINED = List.of(Secret.code("PUK1"), Secret.code("PUK2"));

    /**
     * What a test wants of a batch.
     *
     * @param wrongKcv the card whose check value is wrong; -1 for none
     * @param secrets what it has beside Ki and OPc
     * @param wrong the column that is wrong for the first card: of another length if it is a secret, of another key if a check
     *     value
     * @param tuak whether its cards have TUAK, and no Milenage
     */
    record Batch(
            String orderId,
            int cards,
            long firstIccid,
            long firstImsi,
            String signer,
            int wrongKcv,
            List<Secret> secrets,
            String wrong,
            boolean tuak) {

        Batch(String orderId, int cards, long firstIccid, long firstImsi, String signer, int wrongKcv) {
            this(orderId, cards, firstIccid, firstImsi, signer, wrongKcv, RETAINED, "", false);
        }

        Batch with(List<Secret> others) {
            return new Batch(orderId, cards, firstIccid, firstImsi, signer, wrongKcv, others, wrong, tuak);
        }

        Batch wrongIn(String column) {
            return new Batch(orderId, cards, firstIccid, firstImsi, signer, wrongKcv, secrets, column, tuak);
        }

        /** The same of TUAK: a Ki of 32 octets, and TOPc. */
        Batch ofTuak() {
            return new Batch(orderId, cards, firstIccid, firstImsi, signer, wrongKcv, secrets, wrong, true);
        }

        byte[] ki(int card) {
            return ByteBuffer.allocate(tuak ? 32 : 16).putInt(card + 1).array();
        }

        String nameOfOpc() {
            return tuak ? "TOPC" : "OPC";
        }

        byte[] opc() {
            return new byte[tuak ? 32 : 16];
        }
    }

    Path sealed(JsonNode certificates, Batch batch) throws Exception {
        return sealed(
                (X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(
                                certificates.path("envelope").asText().getBytes(StandardCharsets.US_ASCII))),
                batch);
    }

    Path sealed(X509Certificate recipient, Batch batch) throws Exception {
        String zero = kcv(TRANSPORT_KEY);
        List<Column> columns = new ArrayList<>(List.of(
                Column.clear("ICCID"),
                Column.clear("IMSI"),
                Column.wrapped("KI", "acme-in", zero, Wrapping.AES_KWP, Content.AES_KEY),
                Column.kcv("KI", KcvConvention.ZERO_BLOCK),
                Column.wrapped(batch.nameOfOpc(), "acme-in", zero, Wrapping.AES_KWP, Content.AES_KEY)));
        for (Secret secret : batch.secrets()) {
            columns.add(Column.wrapped(secret.name(), "acme-in", zero, Wrapping.AES_KWP, secret.content()));
            if (secret.kcv() != null) {
                columns.add(Column.kcv(secret.name(), secret.kcv()));
            }
        }
        Path staged = folder.resolve("records-" + System.nanoTime());
        StagedRecords records;
        try (RecordsWriter writer = RecordsWriter.create(staged, columns)) {
            for (int card = 0; card < batch.cards(); card++) {
                byte[] ki = batch.ki(card);
                Map<String, String> row = new LinkedHashMap<>();
                row.put(
                        "ICCID",
                        Iccid.withCheckDigit(String.valueOf(batch.firstIccid() + card))
                                .digits());
                row.put("IMSI", String.format("%015d", batch.firstImsi() + card));
                row.put("KI", wrapped(ki));
                row.put("KI_KCV", card == batch.wrongKcv() ? "000000" : kcv(ki));
                row.put(batch.nameOfOpc(), wrapped(batch.opc()));
                boolean first = card == 0;
                for (Secret secret : batch.secrets()) {
                    byte[] value = secret.of(card);
                    boolean wrong = first && batch.wrong().equals(secret.name());
                    row.put(secret.name(), wrapped(wrong ? Arrays.copyOf(value, secret.wrongOctets()) : value));
                    if (secret.kcv() != null) {
                        String kcv = secret.name() + Column.KCV_SUFFIX;
                        row.put(kcv, first && batch.wrong().equals(kcv) ? "000000" : secret.checkValue(value));
                    }
                }
                writer.append(row);
            }
            records = writer.finish();
        }
        BatchHeader header = new BatchHeader(
                batch.orderId(),
                "acme-1",
                "acme",
                "laboratory",
                Instant.now(),
                List.of(new KeyReference("acme-in", KeyReference.Algorithm.AES_256, zero, null)));
        Path sealed = folder.resolve("batch-" + System.nanoTime());
        try (OutputStream out = Files.newOutputStream(sealed)) {
            new Sealer(signers.of(batch.signer()), List.of(recipient), InstantSource.system())
                    .seal(out, content -> BatchWriter.write(content, header, records));
        }
        Files.delete(staged);
        return sealed;
    }
}
