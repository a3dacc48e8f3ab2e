package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
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
import org.kiln.transfer.envelope.Sealer;
import org.kiln.transfer.numbering.Iccid;

/** A batch whose keys the vendor made: taken as the order says, refused otherwise, and served. */
class VendorMadeBatchTest {

    private static final int CARDS = 4;
    private static final byte[] TRANSPORT_KEY =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    @TempDir
    private Path folder;

    private static byte[] ecb(byte[] key, byte[] block) throws Exception {
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

    private void importTransportKey(Shop shop) throws Exception {
        byte[] one = new byte[32];
        byte[] two = TRANSPORT_KEY.clone();
        Arrays.fill(one, (byte) 0x5a);
        for (int i = 0; i < two.length; i++) {
            two[i] ^= 0x5a;
        }
        KilnProcess.succeed(
                "transport-key",
                "import",
                "--data",
                shop.data(),
                "--label",
                "acme-in",
                "--partner",
                "acme",
                "--direction",
                "incoming",
                "--component",
                component("one", one).toString(),
                "--component",
                component("two", two).toString());
    }

    /** What the test wants of a batch. */
    private record Batch(String orderId, long firstIccid, long firstImsi, String signer, boolean wrongKcv) {}

    private byte[] sealed(Shop shop, JsonNode certificates, Batch batch) throws Exception {
        String zero = kcv(TRANSPORT_KEY);
        List<Column> columns = List.of(
                Column.clear("ICCID"),
                Column.clear("IMSI"),
                Column.wrapped("KI", "acme-in", zero, Wrapping.AES_KWP, Content.AES_KEY),
                Column.kcv("KI", KcvConvention.ZERO_BLOCK),
                Column.wrapped("OPC", "acme-in", zero, Wrapping.AES_KWP, Content.AES_KEY));
        Path staged = folder.resolve("records-" + System.nanoTime());
        StagedRecords records;
        try (RecordsWriter writer = RecordsWriter.create(staged, columns)) {
            for (int card = 0; card < CARDS; card++) {
                byte[] ki = new byte[16];
                Arrays.fill(ki, (byte) (card + 1));
                Map<String, String> row = new LinkedHashMap<>();
                row.put(
                        "ICCID",
                        Iccid.withCheckDigit(String.valueOf(batch.firstIccid() + card))
                                .digits());
                row.put("IMSI", String.format("%015d", batch.firstImsi() + card));
                row.put("KI", wrapped(ki));
                row.put("KI_KCV", batch.wrongKcv() && card == 2 ? "000000" : kcv(ki));
                row.put("OPC", wrapped(new byte[16]));
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
        X509Certificate recipient = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        certificates.path("envelope").asText().getBytes(StandardCharsets.US_ASCII)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Sealer(shop.identity(batch.signer()), List.of(recipient), InstantSource.system())
                .seal(out, content -> BatchWriter.write(content, header, records));
        return out.toByteArray();
    }

    private static void assertRefused(ApiClient acme, String id, byte[] batch, String why) {
        assertThatThrownBy(() -> acme.send("PUT", Shop.ORDERS + "/" + id + "/cards", "application/cms", batch))
                .isInstanceOf(ApiClient.UnexpectedAnswer.class)
                .hasMessageContaining("BATCH_REFUSED")
                .hasMessageContaining(why);
    }

    @Test
    void isTakenAsTheOrderSaysAndServed() throws Exception {
        Shop shop = new Shop(folder);
        importTransportKey(shop);
        try (KilnProcess kiln = shop.up();
                ApiClient acme = shop.client(kiln, "acme")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            String id = shop.ordered(
                    kiln,
                    shop.order("vendor-made-1", CARDS).put("maker", "VENDOR").put("transportKey", "acme-in"));
            JsonNode order = acme.get(Shop.ORDERS + "/" + id);
            assertThat(order.path("state").asText()).isEqualTo("AWAITED");
            long iccid = order.path("firstIccid").asLong();
            long imsi = order.path("firstImsi").asLong();
            JsonNode certificates = acme.get(Shop.API + "/signing-certificate");

            assertRefused(
                    acme,
                    id,
                    sealed(shop, certificates, new Batch(id, iccid, imsi + 1, "delivery", false)),
                    "line 2, column IMSI");
            assertRefused(acme, id, sealed(shop, certificates, new Batch(id, iccid, imsi, "delivery", true)), "kcv");
            assertRefused(
                    acme,
                    id,
                    sealed(shop, certificates, new Batch("another", iccid, imsi, "delivery", false)),
                    "about order another");
            assertRefused(acme, id, sealed(shop, certificates, new Batch(id, iccid, imsi, "acme", false)), "sign");
            byte[] good = sealed(shop, certificates, new Batch(id, iccid, imsi, "delivery", false));
            byte[] changed = good.clone();
            changed[good.length / 2] ^= 1;
            assertRefused(acme, id, changed, "");
            assertThat(shop.count("count(*) from subscriber")).isZero();

            assertThat(acme.send("PUT", Shop.ORDERS + "/" + id + "/cards", "application/cms", good)
                            .path("made")
                            .asInt())
                    .isEqualTo(CARDS);
            String state = acme.get(Shop.ORDERS + "/" + id).path("state").asText();
            for (int i = 0; !state.equals("ACTIVE") && i < 600; i++) {
                Thread.sleep(50);
                state = acme.get(Shop.ORDERS + "/" + id).path("state").asText();
            }
            assertThat(state).isEqualTo("ACTIVE");
            assertThat(acme.post(
                                    "/nudm-ueau/v1/imsi-" + String.format("%015d", imsi)
                                            + "/security-information/generate-auth-data",
                                    Map.of(
                                            "servingNetworkName",
                                            "5G:mnc001.mcc001.3gppnetwork.org",
                                            "ausfInstanceId",
                                            "3fa85f64-5717-4562-b3fc-2c963f66afa6"))
                            .path("authenticationVector")
                            .isObject())
                    .isTrue();
            try (var uploads = Files.list(Path.of(shop.data(), "batches"))) {
                assertThat(uploads).as("uploads do not stay").isEmpty();
            }
        }
    }
}
