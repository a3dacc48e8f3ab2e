package org.kiln.personalisation.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.openpgp.OpenPgpException;
import org.kiln.transfer.openpgp.PgpCertificate;
import org.kiln.transfer.openpgp.PgpIdentity;
import org.kiln.transfer.openpgp.PgpOpener;
import org.kiln.transfer.openpgp.PgpSealer;
import org.kiln.transfer.output.OutputFormats;

/**
 * One order, a file for each recipient in the format he wants: each has what his work needs and no more, under his own key,
 * and all hold the same keys. The recipients open them here with keys of their own, outside any token.
 */
class RecipientsTest {

    private static final int CARDS = 5;
    private static final Map<String, String> SHARES = Map.of(
            "hlr-eki",
            "AUC",
            "udr",
            "AUC",
            "pysim",
            "OTA_PLATFORM",
            "care",
            "CUSTOMER_CARE",
            "gpg",
            "OTA_PLATFORM",
            "desk",
            "CUSTOMER_CARE");
    private static final Map<String, String> FORMATS =
            Map.of("hlr-eki", "hlr-eki", "udr", "ts29505", "pysim", "pysim", "care", "kiln-json", "desk", "pysim");

    @TempDir
    private Path folder;

    /** A file that was opened. */
    private record Opened(Manifest manifest, List<Map<String, String>> rows) {

        Set<String> columns() {
            return rows.getFirst().keySet();
        }
    }

    private final Map<String, SecretKey> transportKeys = new HashMap<>();

    private Opened read(byte[] batch) throws Exception {
        List<Map<String, String>> rows = new ArrayList<>();
        Manifest manifest = BatchReader.read(
                new ByteArrayInputStream(batch), OutputFormats.PARSER, card -> rows.add(card.values()));
        return new Opened(manifest, rows);
    }

    private Opened open(Shop shop, ApiClient client, String id, String partner, String identity) throws Exception {
        Path file = folder.resolve(partner + ".kiln");
        client.download(Shop.ORDERS + "/" + id + "/files/" + partner, file);
        Opener opener = new Opener(shop.identity(identity), SignerTrust.pinned(shop.signer()), InstantSource.system());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        opener.open(file, opener.verify(file), in -> in.transferTo(content));
        return read(content.toByteArray());
    }

    private Opened openOpenPgp(ApiClient client, String id, PgpIdentity identity, PgpCertificate signer)
            throws Exception {
        Path file = folder.resolve("gpg.kiln");
        client.download(Shop.ORDERS + "/" + id + "/files/gpg", file);
        PgpOpener opener = new PgpOpener(identity, Set.of(signer), InstantSource.system());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        opener.open(file, opener.verify(file), in -> in.transferTo(content));
        return read(content.toByteArray());
    }

    private byte[] unwrap(Opened opened, String name, Map<String, String> row) throws Exception {
        Column column = opened.manifest().columns().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        assertThat(column.protection()).isEqualTo(Protection.WRAPPED);
        SecretKey key = transportKeys.get(column.keyLabel());
        byte[] wrapped = HexFormat.of().parseHex(row.get(name));
        return switch (column.wrapping()) {
            case AES_KWP -> {
                Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
                kwp.init(Cipher.UNWRAP_MODE, key);
                yield kwp.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded();
            }
            case AES_CBC_IV_23 -> {
                Cipher cbc = Cipher.getInstance("AES/CBC/NoPadding");
                byte[] iv = new byte[16];
                Arrays.fill(iv, (byte) 0x23);
                cbc.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(iv));
                yield cbc.doFinal(wrapped);
            }
            case AES_ECB -> {
                Cipher ecb = Cipher.getInstance("AES/ECB/NoPadding");
                ecb.init(Cipher.DECRYPT_MODE, key);
                yield ecb.doFinal(wrapped);
            }
            default -> throw new IllegalStateException(String.valueOf(column.wrapping()));
        };
    }

    private static String kcv(byte[] key) throws Exception {
        Cipher ecb = Cipher.getInstance("AES/ECB/NoPadding");
        ecb.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return HexFormat.of().withUpperCase().formatHex(ecb.doFinal(new byte[16]), 0, 3);
    }

    private ObjectNode partner(Shop shop, String name) throws Exception {
        ObjectNode partner = new ObjectMapper()
                .createObjectNode()
                .put("name", name)
                .put("transportKey", name + "-out")
                .put("certificate", shop.certificate(name));
        if (FORMATS.containsKey(name)) {
            partner.set("format", Shop.example("formats/" + FORMATS.get(name) + ".yaml"));
        }
        return partner;
    }

    private static ObjectNode profile() throws Exception {
        ObjectNode profile = (ObjectNode) Shop.example("profile-milenage-uicc.yaml");
        ArrayNode recipients = profile.put("name", "many-recipients").putArray("recipients");
        SHARES.forEach((partner, share) ->
                recipients.addObject().put("partner", partner).put("share", share));
        return profile;
    }

    @Test
    void eachRecipientGetsWhatHeNeedsInHisFormatUnderHisKey() throws Exception {
        Shop shop = new Shop(folder);
        transportKeys.put("acme-out", shop.transportKey("acme-2", "acme"));
        for (String partner : SHARES.keySet()) {
            shop.admit(partner, "recipient:" + partner);
            transportKeys.put(partner + "-out", shop.transportKey(partner + "-out", partner));
        }
        transportKeys.put("acme-2", transportKeys.get("acme-out"));
        transportKeys.put("pysim-kic", shop.transportKey("pysim-kic", "pysim"));
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair gpgKey = ec.generateKeyPair();
        PgpIdentity gpg = PgpIdentity.of(
                gpgKey.getPrivate(), gpgKey.getPublic(), null, "OTA platform", Instant.EPOCH.plusSeconds(1));

        try (KilnProcess kiln = shop.up();
                ApiClient operator = shop.client(kiln, "operator");
                ApiClient approver = shop.client(kiln, "approver");
                ApiClient acme = shop.client(kiln, "acme")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            operator.post(Shop.API + "/profiles", profile());
            approver.act(Shop.API + "/profiles/many-recipients/1/publish");
            for (String name : SHARES.keySet()) {
                ObjectNode partner = partner(shop, name);
                if (name.equals("gpg")) {
                    partner.put("openPgpCertificate", gpg.certificate().armoured());
                }
                if (name.equals("pysim")) {
                    partner.putObject("columnKeys").put("KIC1", "pysim-kic");
                }
                if (name.equals("desk")) {
                    ObjectNode format = (ObjectNode) partner.path("format");
                    format.put("codes", "CLEAR");
                    assertThatThrownBy(() -> operator.put(Shop.API + "/partners/desk", partner))
                            .as("codes in the clear must be said twice")
                            .hasMessageContaining("anybodyWithTheFileReadsCodes");
                    format.put("anybodyWithTheFileReadsCodes", true);
                }
                operator.put(Shop.API + "/partners/" + name, partner);
            }
            ObjectNode order = shop.order("recipients-1", CARDS)
                    .put("profile", "many-recipients")
                    .put("transportKey", "acme-2")
                    .put("msisdns", "lab-msisdn");
            order.set("format", Shop.example("formats/vendor-text.yaml"));
            String id = shop.ordered(kiln, order);
            JsonNode ready = shop.settled(kiln, id);
            assertThat(ready.path("state").asText()).isEqualTo("READY");
            assertThat(ready.path("files"))
                    .as("a vendor knows of his own file only")
                    .hasSize(1);

            Opened vendor = open(shop, acme, id, "acme", "delivery");
            assertThat(vendor.manifest().columns().stream().map(Column::name))
                    .containsExactly(
                            "ICCID", "IMSI", "PIN1", "PUK1", "PIN2", "PUK2", "ADM1", "KI", "OPC", "KIC1", "KID1",
                            "KIK1");
            Map<String, Opened> files = new HashMap<>();
            for (String name : FORMATS.keySet()) {
                try (ApiClient client = shop.client(kiln, name)) {
                    assertThat(client.get(Shop.API + "/files").path("items")).hasSize(1);
                    files.put(name, open(shop, client, id, name, name));
                }
            }
            try (ApiClient client = shop.client(kiln, "gpg")) {
                String armoured = client.get(Shop.API + "/signing-certificate")
                        .path("openPgp")
                        .asText();
                PgpCertificate signer = PgpCertificate.read(new ByteArrayInputStream(armoured.getBytes(US_ASCII)));
                files.put("gpg", openOpenPgp(client, id, gpg, signer));
                assertThatThrownBy(() -> new PgpSealer(gpg, List.of(signer), InstantSource.system()))
                        .as("nobody can encrypt to a key that only signs")
                        .isInstanceOf(OpenPgpException.UnfitCertificate.class);
            }

            assertThat(files.get("hlr-eki").columns()).containsExactly("IMSI", "KI", "KI_KCV", "OPC");
            assertThat(files.get("udr").columns()).containsExactlyInAnyOrder("IMSI", "KI", "OPC");
            assertThat(files.get("pysim").columns())
                    .containsExactly(
                            "ICCID", "IMSI", "MSISDN", "KIC1", "KID1", "KIK1", "CNTR1", "KIC2", "KID2", "KIK2",
                            "CNTR2");
            assertThat(files.get("care").columns()).containsExactly("ICCID", "IMSI", "MSISDN", "PUK1", "PUK2");

            assertThat(files.get("desk").columns()).containsExactly("ICCID", "IMSI", "MSISDN", "PUK1", "PUK2");
            assertThat(shop.count("count(*) from card_row where partner = 'desk' and row like '%\"PUK1\":\"SKH-1:%'"))
                    .as("codes rest wrapped")
                    .isEqualTo(CARDS);

            for (int card = 0; card < CARDS; card++) {
                Map<String, String> made = vendor.rows().get(card);
                for (String puk : List.of("PUK1", "PUK2")) {
                    String clear = files.get("desk").rows().get(card).get(puk);
                    assertThat(clear).matches("[0-9]{8}").isEqualTo(new String(unwrap(vendor, puk, made), US_ASCII));
                    assertThat(shop.count("count(*) from card_row where row like '%" + clear + "%'"))
                            .isZero();
                }
                byte[] ki = unwrap(vendor, "KI", made);
                Map<String, String> eki = files.get("hlr-eki").rows().get(card);
                assertThat(eki.get("IMSI")).isEqualTo(made.get("IMSI"));
                assertThat(unwrap(files.get("hlr-eki"), "KI", eki)).isEqualTo(ki);
                assertThat(eki.get("KI_KCV")).isEqualTo(kcv(ki));
                assertThat(unwrap(files.get("hlr-eki"), "OPC", eki)).isEqualTo(unwrap(vendor, "OPC", made));
                assertThat(unwrap(
                                files.get("udr"), "KI", files.get("udr").rows().get(card)))
                        .isEqualTo(ki);
                for (String name : List.of("KIC1", "KID1", "KIK1")) {
                    byte[] key = unwrap(vendor, name, made);
                    assertThat(unwrap(
                                    files.get("pysim"),
                                    name,
                                    files.get("pysim").rows().get(card)))
                            .isEqualTo(key);
                    assertThat(unwrap(
                                    files.get("gpg"),
                                    name,
                                    files.get("gpg").rows().get(card)))
                            .isEqualTo(key);
                }
                assertThat(unwrap(
                                files.get("care"),
                                "PUK1",
                                files.get("care").rows().get(card)))
                        .isEqualTo(unwrap(vendor, "PUK1", made));
            }
            assertThat(files.get("pysim").manifest().columns().stream()
                            .filter(column -> column.name().equals("KIC1"))
                            .map(Column::keyLabel))
                    .containsExactly("pysim-kic");
            assertThat(vendor.manifest().columns().stream()
                            .filter(column -> column.name().equals("KI"))
                            .map(Column::wrapping))
                    .containsExactly(Wrapping.AES_KWP);
        }
    }
}
