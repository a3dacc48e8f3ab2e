package org.kiln.personalisation.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.transfer.recipient.Card;
import org.kiln.transfer.recipient.OtaUse;

/**
 * Cards with OTA keys of every kind, ordered from a Kiln of their own; each recipient's file is opened into his token.
 *
 * @param made the cards as the vendor has them
 * @param managed the same, in the same order, as the OTA platform has them
 */
record IssuedCards(List<Card> made, List<Card> managed) {

    static IssuedCards order(Path folder, PartnerToken vendor, PartnerToken platform, int quantity, long counter)
            throws Exception {
        Shop shop = new Shop(folder);
        transportKey(shop, folder, "acme-ota", vendor);
        transportKey(shop, folder, "ota-out", platform);
        admit(shop, platform.name);
        try (KilnProcess kiln = shop.up()) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            publish(shop, kiln, platform, profile(counter));
            String id = shop.ordered(
                    kiln,
                    shop.order("ota-1", quantity)
                            .put("profile", "ota-in-use")
                            .put("transportKey", "acme-ota")
                            .put("deliveryCertificate", vendor.certificate()));
            JsonNode order = shop.settled(kiln, id);
            if (!order.path("state").asText().equals("READY")) {
                throw new AssertionError(order.toString());
            }
            return new IssuedCards(
                    open(shop, folder, kiln, id, vendor, OtaUse.CARD),
                    open(shop, folder, kiln, id, platform, OtaUse.PLATFORM));
        }
    }

    private static void admit(Shop shop, String recipient) throws Exception {
        Path yaml = Path.of(shop.data(), "kiln.yaml");
        String caller = "  - {name: " + recipient + ", role: \"recipient:" + recipient + "\"}\n";
        Files.writeString(yaml, Files.readString(yaml).replace("callers:\n", "callers:\n" + caller));
        LabAuthority.open(Path.of(shop.data(), "pki")).newClient(recipient);
    }

    private static void transportKey(Shop shop, Path folder, String label, PartnerToken partner) throws Exception {
        Path file = folder.resolve(label + ".key");
        KilnProcess.succeed(
                "transport-key",
                "create",
                "--data",
                shop.data(),
                "--label",
                label,
                "--partner",
                partner.name,
                "--for",
                partner.publicKey(folder).toString(),
                "--out",
                file.toString());
        partner.receive(file);
    }

    private static ObjectNode profile(long counter) throws Exception {
        ObjectNode profile = ((ObjectNode) Shop.example("profile-milenage-uicc.yaml")).put("name", "ota-in-use");
        ArrayNode keysets = profile.putArray("keysets");
        keysets.addObject().put("channel", "SCP80").put("keyVersion", 1).put("algorithm", "AES_128");
        keysets.addObject()
                .put("channel", "SCP80")
                .put("keyVersion", 2)
                .put("algorithm", "AES_256")
                .put("kcv", "CMAC")
                .put("counter", counter);
        keysets.addObject()
                .put("channel", "SCP80")
                .put("keyVersion", 3)
                .put("algorithm", "AES_192")
                .put("kcv", "GLOBALPLATFORM_AES")
                .put("securityDomain", "SSD1");
        keysets.addObject().put("channel", "SCP80").put("keyVersion", 5).put("algorithm", "DES3_2KEY");
        keysets.addObject().put("channel", "SCP80").put("keyVersion", 9).put("algorithm", "DES3_3KEY");
        keysets.addObject()
                .put("channel", "SCP81")
                .put("keyVersion", 0x40)
                .put("algorithm", "AES_128")
                .put("pskIdentity", "{ICCID}/40/01");
        profile.putArray("recipients").addObject().put("partner", "ota").put("share", "OTA_PLATFORM");
        return profile;
    }

    private static void publish(Shop shop, KilnProcess kiln, PartnerToken platform, ObjectNode profile)
            throws Exception {
        ObjectNode partner = new ObjectMapper()
                .createObjectNode()
                .put("name", "ota")
                .put("transportKey", "ota-out")
                .put("certificate", platform.certificate());
        try (ApiClient operator = shop.client(kiln, "operator");
                ApiClient approver = shop.client(kiln, "approver")) {
            operator.put(Shop.API + "/partners/ota", partner);
            JsonNode version = operator.post(Shop.API + "/profiles", profile);
            approver.act(
                    Shop.API + "/profiles/ota-in-use/" + version.path("version").asInt() + "/publish");
        }
    }

    private static List<Card> open(
            Shop shop, Path folder, KilnProcess kiln, String id, PartnerToken partner, OtaUse use) throws Exception {
        Path file = folder.resolve(partner.name + ".kiln");
        try (ApiClient client = shop.client(kiln, partner.name)) {
            client.download(Shop.ORDERS + "/" + id + "/files/" + partner.name, file);
        }
        List<Card> cards = new ArrayList<>();
        partner.opener(signer(shop), use).open(file, card -> {
            card.keep();
            cards.add(card);
        });
        return cards;
    }

    private static X509Certificate signer(Shop shop) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(shop.data(), "pki", "signing.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
