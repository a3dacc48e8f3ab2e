package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.BERTags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.output.OutputFormats;

/** An order of eUICC profiles: an SM-DP+ gets elements of a profile package for each, its keys under its transport key. */
class ProfileFileTest {

    private static final int CARDS = 3;
    private static final String ROTATIONS = "0810182028";
    private static final String ADDITIONS =
            "0f".repeat(16) + "01".repeat(16) + "02".repeat(16) + "04".repeat(16) + "08".repeat(16);
    private static final String ALGORITHM = "milenage r=8,16,24,32,40 c=" + "0f".repeat(16) + "," + "01".repeat(16)
            + "," + "02".repeat(16) + "," + "04".repeat(16) + "," + "08".repeat(16);

    @TempDir
    private Path folder;

    private SecretKey transportKey;

    private byte[] unwrap(byte[] wrapped) throws Exception {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.UNWRAP_MODE, transportKey);
        return kwp.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded();
    }

    private byte[] unwrap(String hex) throws Exception {
        return unwrap(HexFormat.of().parseHex(hex));
    }

    private static ObjectNode profile() throws Exception {
        ObjectNode profile = (ObjectNode) Shop.example("profile-m2m-euicc.yaml");
        ((ObjectNode) profile.path("authentication")).put("algorithm", ALGORITHM);
        ArrayNode recipients = profile.putArray("recipients");
        recipients.addObject().put("partner", "smdp").put("share", "PROFILE_PLATFORM");
        return profile;
    }

    @Test
    void theElementsHoldTheKeysAndTheOperatorsConstants() throws Exception {
        Shop shop = new Shop(folder);
        shop.admit("smdp", "recipient:smdp");
        transportKey = shop.transportKey("smdp-out", "smdp");
        Path file = folder.resolve("smdp.kiln");
        try (KilnProcess kiln = shop.up();
                ApiClient operator = shop.client(kiln, "operator");
                ApiClient approver = shop.client(kiln, "approver");
                ApiClient acme = shop.client(kiln, "acme");
                ApiClient smdp = shop.client(kiln, "smdp")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            operator.post(Shop.API + "/profiles", profile());
            approver.act(Shop.API + "/profiles/m2m-euicc/1/publish");
            operator.post(
                    Shop.API + "/profiles", profile().put("name", "no-euicc").put("cardKind", "UICC"));
            approver.act(Shop.API + "/profiles/no-euicc/1/publish");
            operator.put(
                    Shop.API + "/partners/smdp",
                    Map.of("name", "smdp", "transportKey", "smdp-out", "certificate", shop.certificate("delivery")));
            assertThatThrownBy(() ->
                            acme.post(Shop.ORDERS, shop.order("p-0", CARDS).put("profile", "no-euicc")))
                    .hasMessageContaining("ORDER_REFUSED")
                    .hasMessageContaining("EUICC_PROFILE");
            String id = shop.ordered(
                    kiln, shop.order("p-1", CARDS).put("profile", "m2m-euicc").put("eids", "lab-eid"));
            assertThat(shop.settled(kiln, id).path("state").asText()).isEqualTo("READY");
            smdp.download(Shop.ORDERS + "/" + id + "/files/smdp", file);
        }
        Opener opener =
                new Opener(shop.identity("delivery"), SignerTrust.pinned(shop.signer()), InstantSource.system());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        opener.open(file, opener.verify(file), in -> in.transferTo(content));
        int[] cards = new int[1];
        BatchReader.read(new ByteArrayInputStream(content.toByteArray()), OutputFormats.PARSER, card -> {
            try {
                check(card.values());
                cards[0]++;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(cards[0]).isEqualTo(CARDS);
    }

    private void check(Map<String, String> card) throws Exception {
        assertThat(card.get("EID")).hasSize(32);
        ASN1Sequence elements = ASN1Sequence.getInstance(Base64.getDecoder().decode(card.get("PROFILE_ELEMENTS")));
        assertThat(elements.size()).as("AKA, the issuer's domain, SSD1").isEqualTo(3);
        ASN1Sequence aka =
                (ASN1Sequence) ((ASN1TaggedObject) elements.getObjectAt(0)).getBaseUniversal(false, BERTags.SEQUENCE);
        ASN1Sequence algorithm =
                (ASN1Sequence) ((ASN1TaggedObject) ((ASN1TaggedObject) aka.getObjectAt(1)).getExplicitBaseObject())
                        .getBaseUniversal(false, BERTags.SEQUENCE);
        assertThat(octets(algorithm, 1)).as("RES of 64 bits").containsExactly(1);
        assertThat(unwrap(octets(algorithm, 2))).hasSize(16).isEqualTo(unwrap(card.get("KI")));
        assertThat(unwrap(octets(algorithm, 3))).hasSize(16).isEqualTo(unwrap(card.get("OPC")));
        assertThat(octets(algorithm, 4)).isEqualTo(HexFormat.of().parseHex(ROTATIONS));
        assertThat(octets(algorithm, 5)).isEqualTo(HexFormat.of().parseHex(ADDITIONS));

        ASN1Sequence issuers = keys(elements, 1);
        assertThat(issuers.size()).as("SCP80 and SCP81").isEqualTo(5);
        assertKey((ASN1Sequence) issuers.getObjectAt(0), card.get("KIC1"), 0x88);
        assertKey((ASN1Sequence) issuers.getObjectAt(3), card.get("SCP81_PSK_40"), 0x85);
        ASN1Sequence others = keys(elements, 2);
        assertKey((ASN1Sequence) others.getObjectAt(2), card.get("KIK2_SSD1"), 0x80);
    }

    private void assertKey(ASN1Sequence key, String column, int type) throws Exception {
        ASN1Sequence component = (ASN1Sequence) ((ASN1Sequence) key.getObjectAt(key.size() - 1)).getObjectAt(0);
        assertThat(octets(component, 0)).isEqualTo(new byte[] {(byte) type});
        assertThat(unwrap(octets(component, 6))).hasSize(16).isEqualTo(unwrap(column));
    }

    private static ASN1Sequence keys(ASN1Sequence elements, int at) throws Exception {
        ASN1TaggedObject domain = (ASN1TaggedObject) elements.getObjectAt(at);
        assertThat(domain.getTagNo()).isEqualTo(6);
        return (ASN1Sequence)
                member((ASN1Sequence) domain.getBaseUniversal(false, BERTags.SEQUENCE), 2, BERTags.SEQUENCE);
    }

    private static ASN1Object member(ASN1Sequence sequence, int tag, int type) throws Exception {
        for (var each : sequence) {
            if (each instanceof ASN1TaggedObject tagged && tagged.getTagNo() == tag) {
                return tagged.getBaseUniversal(false, type);
            }
        }
        throw new AssertionError("no member [" + tag + "]");
    }

    private static byte[] octets(ASN1Sequence of, int tag) throws Exception {
        return ((ASN1OctetString) member(of, tag, BERTags.OCTET_STRING)).getOctets();
    }
}
