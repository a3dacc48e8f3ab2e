package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.output.OutputFormats;

/**
 * A batch whose keys the vendor made: taken as the order says, refused otherwise, served, and passed on to the order's
 * recipients, who open here with keys of their own what the vendor's house put in.
 */
class VendorMadeBatchTest {

    private static final int CARDS = 264;
    private static final List<VendorHouse.Secret> SECRETS = List.of(
            new VendorHouse.Secret("KIC1", Content.AES_KEY, 16, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("KID1", Content.AES_KEY, 16, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("KIK1", Content.AES_KEY, 16, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("KIC2", Content.DES_KEY, 16, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("KID2", Content.DES_KEY, 16, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("KIK2", Content.DES_KEY, 16, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("KIC3", Content.DES_KEY, 24, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("KID3", Content.DES_KEY, 24, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("KIK3", Content.DES_KEY, 24, KcvConvention.ZERO_BLOCK),
            new VendorHouse.Secret("SCP03_ENC_30", Content.AES_KEY, 32, KcvConvention.GLOBALPLATFORM_AES),
            new VendorHouse.Secret("SCP03_MAC_30", Content.AES_KEY, 32, KcvConvention.GLOBALPLATFORM_AES),
            new VendorHouse.Secret("SCP03_DEK_30", Content.AES_KEY, 32, KcvConvention.GLOBALPLATFORM_AES),
            new VendorHouse.Secret("SCP81_PSK_40", Content.AES_KEY, 24, KcvConvention.CMAC),
            new VendorHouse.Secret("SCP81_DEK_40", Content.AES_KEY, 24, KcvConvention.CMAC),
            VendorHouse.Secret.code("PUK1"),
            VendorHouse.Secret.code("PUK2"));
    private static final Map<String, String> SHARES =
            Map.of("home-auc", "AUC", "ota", "OTA_PLATFORM", "care", "CUSTOMER_CARE");

    @TempDir
    private Path folder;

    private static byte[] sealed(VendorHouse vendor, JsonNode certificates, VendorHouse.Batch batch) throws Exception {
        Path file = vendor.sealed(certificates, batch);
        byte[] octets = Files.readAllBytes(file);
        Files.delete(file);
        return octets;
    }

    private static void assertRefused(ApiClient acme, String id, byte[] batch, String why) {
        assertThatThrownBy(() -> acme.send("PUT", Shop.ORDERS + "/" + id + "/cards", "application/cms", batch))
                .isInstanceOf(ApiClient.UnexpectedAnswer.class)
                .hasMessageContaining("BATCH_REFUSED")
                .hasMessageContaining(why);
    }

    private static ObjectNode profile() throws Exception {
        ObjectNode profile = (ObjectNode) Shop.example("profile-milenage-uicc.yaml");
        ArrayNode keysets = profile.put("name", "vendor-made").putArray("keysets");
        keyset(keysets, "SCP80", 1, "AES_128");
        keyset(keysets, "SCP80", 2, "DES3_2KEY");
        keyset(keysets, "SCP80", 3, "DES3_3KEY").put("counter", 7);
        keyset(keysets, "SCP03", 0x30, "AES_256").put("kcv", "GLOBALPLATFORM_AES");
        keyset(keysets, "SCP81", 0x40, "AES_192").put("kcv", "CMAC");
        ArrayNode recipients = profile.putArray("recipients");
        SHARES.forEach((partner, share) ->
                recipients.addObject().put("partner", partner).put("share", share));
        return profile;
    }

    private static ObjectNode keyset(ArrayNode keysets, String channel, int version, String algorithm) {
        return keysets.addObject()
                .put("channel", channel)
                .put("keyVersion", version)
                .put("algorithm", algorithm);
    }

    @Test
    void isTakenAsTheOrderSaysServedAndPassedOn() throws Exception {
        Shop shop = new Shop(folder);
        VendorHouse vendor = new VendorHouse(folder, shop);
        vendor.importTransportKey();
        Map<String, SecretKey> keys = new HashMap<>();
        for (String partner : SHARES.keySet()) {
            shop.admit(partner, "recipient:" + partner);
            keys.put(partner, shop.transportKey(partner + "-out", partner));
        }
        try (KilnProcess kiln = shop.up();
                ApiClient operator = shop.client(kiln, "operator");
                ApiClient approver = shop.client(kiln, "approver");
                ApiClient acme = shop.client(kiln, "acme");
                ApiClient network = shop.client(kiln, "udm")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            operator.post(Shop.API + "/profiles", profile());
            approver.act(Shop.API + "/profiles/vendor-made/1/publish");
            for (String name : SHARES.keySet()) {
                operator.put(
                        Shop.API + "/partners/" + name,
                        new ObjectMapper()
                                .createObjectNode()
                                .put("name", name)
                                .put("transportKey", name + "-out")
                                .put("certificate", shop.certificate(name)));
            }
            String id = shop.ordered(
                    kiln,
                    shop.order("vendor-made-1", CARDS)
                            .put("profile", "vendor-made")
                            .put("maker", "VENDOR")
                            .put("transportKey", "acme-in"));
            JsonNode order = acme.get(Shop.ORDERS + "/" + id);
            assertThat(order.path("state").asText()).isEqualTo("AWAITED");
            long iccid = order.path("firstIccid").asLong();
            long imsi = order.path("firstImsi").asLong();
            JsonNode certificates = acme.get(Shop.API + "/signing-certificate");
            VendorHouse.Batch right = new VendorHouse.Batch(id, CARDS, iccid, imsi, "delivery", -1).with(SECRETS);

            assertRefused(
                    acme,
                    id,
                    sealed(
                            vendor,
                            certificates,
                            new VendorHouse.Batch(id, CARDS, iccid, imsi + 1, "delivery", -1).with(SECRETS)),
                    "line 2, column IMSI");
            assertRefused(
                    acme,
                    id,
                    sealed(
                            vendor,
                            certificates,
                            new VendorHouse.Batch(id, CARDS, iccid, imsi, "delivery", CARDS - 1).with(SECRETS)),
                    "kcv");
            assertRefused(
                    acme,
                    id,
                    sealed(vendor, certificates, new VendorHouse.Batch("another", CARDS, iccid, imsi, "delivery", -1)),
                    "about order another");
            assertRefused(
                    acme,
                    id,
                    sealed(vendor, certificates, new VendorHouse.Batch(id, CARDS, iccid, imsi, "acme", -1)),
                    "sign");
            assertRefused(acme, id, sealed(vendor, certificates, right.with(VendorHouse.RETAINED)), "no column KIC1");
            assertRefused(
                    acme,
                    id,
                    sealed(vendor, certificates, right.with(withAnotherConvention())),
                    "SCP81_PSK_40_KCV with check values by CMAC");
            for (String wrong : List.of("KID1_KCV", "KIK2_KCV", "SCP03_MAC_30_KCV", "SCP81_DEK_40_KCV")) {
                assertRefused(acme, id, sealed(vendor, certificates, right.wrongIn(wrong)), "line 2, column " + wrong);
            }
            for (String wrong : List.of("KIC1", "KIC2", "KIC3", "SCP03_ENC_30", "PUK1")) {
                assertRefused(acme, id, sealed(vendor, certificates, right.wrongIn(wrong)), "line 2, column " + wrong);
            }
            byte[] good = sealed(vendor, certificates, right);
            byte[] changed = good.clone();
            changed[good.length / 2] ^= 1;
            assertRefused(acme, id, changed, "");
            for (String table : List.of("subscriber", "card", "card_row")) {
                assertThat(shop.count("count(*) from " + table))
                        .as("pieces before the fault are gone")
                        .isZero();
            }
            try (ApiClient ota = shop.client(kiln, "ota")) {
                assertThat(ota.get(Shop.API + "/files").path("items")).isEmpty();
            }

            assertThat(acme.send("PUT", Shop.ORDERS + "/" + id + "/cards", "application/cms", good)
                            .path("made")
                            .asInt())
                    .isEqualTo(CARDS);
            assertBecomesActive(acme, id);
            assertThat(network.post(
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

            assertRecipientsHaveWhatTheVendorMade(shop, kiln, id, keys);
            approver.act(Shop.ORDERS + "/" + id + "/close");
            assertThat(shop.count("count(*) from card_row")).isZero();
            assertThat(shop.count("count(*) from card where operator_keys like '%PUK1%' and operator_keys like '%PUK2%'"
                            + " and operator_keys not like '%KIC%'"))
                    .as("what the profile retains, and no more")
                    .isEqualTo(CARDS);
            try (var files = Files.list(Path.of(shop.data(), "batches"))) {
                assertThat(files).as("neither uploads nor files stay").isEmpty();
            }
        }
    }

    private static List<VendorHouse.Secret> withAnotherConvention() {
        List<VendorHouse.Secret> secrets = new ArrayList<>(SECRETS);
        secrets.replaceAll(secret -> secret.name().equals("SCP81_PSK_40")
                ? new VendorHouse.Secret(secret.name(), secret.content(), secret.octets(), KcvConvention.ZERO_BLOCK)
                : secret);
        return secrets;
    }

    private static void assertBecomesActive(ApiClient acme, String id) throws Exception {
        String state = acme.get(Shop.ORDERS + "/" + id).path("state").asText();
        for (int i = 0; !state.equals("ACTIVE") && i < 600; i++) {
            Thread.sleep(50);
            state = acme.get(Shop.ORDERS + "/" + id).path("state").asText();
        }
        assertThat(state).isEqualTo("ACTIVE");
    }

    private void assertRecipientsHaveWhatTheVendorMade(
            Shop shop, KilnProcess kiln, String id, Map<String, SecretKey> keys) throws Exception {
        for (String partner : SHARES.keySet()) {
            List<Map<String, String>> rows = rows(shop, kiln, id, partner);
            assertThat(rows).hasSize(CARDS);
            for (int card : List.of(0, CARDS / 2, CARDS - 1)) {
                Map<String, String> row = rows.get(card);
                if (partner.equals("home-auc")) {
                    byte[] ki = ByteBuffer.allocate(16).putInt(card + 1).array();
                    assertThat(unwrap(keys.get(partner), row.get("KI"))).isEqualTo(ki);
                    assertThat(unwrap(keys.get(partner), row.get("OPC"))).isEqualTo(new byte[16]);
                    assertThat(row.get("KI_KCV"))
                            .isEqualTo(new VendorHouse.Secret("KI", Content.AES_KEY, 16, KcvConvention.ZERO_BLOCK)
                                    .checkValue(ki));
                }
                for (VendorHouse.Secret secret : SECRETS) {
                    boolean his = secret.content() == Content.CODE ? partner.equals("care") : partner.equals("ota");
                    assertThat(row.containsKey(secret.name())).isEqualTo(his);
                    if (his) {
                        assertThat(unwrap(keys.get(partner), row.get(secret.name())))
                                .as(secret.name())
                                .isEqualTo(secret.of(card));
                    }
                    if (his && secret.kcv() != null) {
                        assertThat(row.get(secret.name() + Column.KCV_SUFFIX))
                                .isEqualTo(secret.checkValue(secret.of(card)));
                    }
                }
            }
            if (partner.equals("ota")) {
                assertThat(rows.getFirst()).containsEntry("CNTR3", "0000000007");
            }
        }
    }

    private List<Map<String, String>> rows(Shop shop, KilnProcess kiln, String id, String partner) throws Exception {
        Path file = folder.resolve(partner + ".kiln");
        try (ApiClient client = shop.client(kiln, partner)) {
            client.download(Shop.ORDERS + "/" + id + "/files/" + partner, file);
        }
        Opener opener = new Opener(shop.identity(partner), SignerTrust.pinned(shop.signer()), InstantSource.system());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        opener.open(file, opener.verify(file), in -> in.transferTo(content));
        List<Map<String, String>> rows = new ArrayList<>();
        BatchReader.read(
                new ByteArrayInputStream(content.toByteArray()), OutputFormats.PARSER, card -> rows.add(card.values()));
        return rows;
    }

    private static byte[] unwrap(SecretKey key, String wrapped) throws Exception {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.UNWRAP_MODE, key);
        return kwp.unwrap(HexFormat.of().parseHex(wrapped), "AES", Cipher.SECRET_KEY)
                .getEncoded();
    }
}
