package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.generators.KDFCounterBytesGenerator;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.params.KDFCounterParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.token.CompiledModule;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.numbering.Iccid;
import org.kiln.transfer.output.OutputFormats;

/** Keys derived from a master on a token of its own are those that somebody else with the master computes. */
class DerivedKeysTest {

    private static final byte[] MASTER =
            HexFormat.of().parseHex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf");

    @TempDir
    private Path folder;

    private static byte[] ecb(byte[] key, byte[] blocks) throws Exception {
        Cipher ecb = Cipher.getInstance("AES/ECB/NoPadding");
        ecb.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return ecb.doFinal(blocks);
    }

    private String component(String name, byte[] value) throws Exception {
        String kcv = HexFormat.of().formatHex(ecb(value, new byte[16]), 0, 3);
        return Files.writeString(folder.resolve(name), HexFormat.of().formatHex(value) + "\n" + kcv + "\n")
                .toString();
    }

    private static byte[] data(String iccid, int version, int place, int octets, int block) {
        byte[] data = new byte[16];
        System.arraycopy(new Iccid(iccid).coded(), 0, data, 0, 10);
        data[10] = (byte) 0x80;
        data[11] = (byte) version;
        data[12] = (byte) place;
        data[13] = (byte) octets;
        data[14] = (byte) block;
        data[15] = (byte) 0xff;
        return data;
    }

    private static byte[] unwrap(SecretKey key, String hex) throws Exception {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.UNWRAP_MODE, key);
        return kwp.unwrap(HexFormat.of().parseHex(hex), "AES", Cipher.SECRET_KEY)
                .getEncoded();
    }

    private static ObjectNode profile() throws Exception {
        ObjectNode profile = ((ObjectNode) Shop.example("profile-milenage-uicc.yaml")).put("name", "derived");
        ((ObjectNode) profile.path("keysets").path(0)).put("diversifiedFrom", "ota-master");
        ((ObjectNode) profile.path("keysets").path(1))
                .put("diversifiedFrom", "ota-master")
                .put("algorithm", "AES_256")
                .put("kcv", "CMAC");
        return profile;
    }

    @Test
    void areThoseThatAnybodyWithTheMasterComputes() throws Exception {
        Shop shop = new Shop(folder);
        SecretKey transportKey = shop.transportKey("acme-derived", "acme");
        Path file = folder.resolve("acme.kiln");
        try (KilnProcess kiln = shop.up();
                ApiClient operator = shop.client(kiln, "operator");
                ApiClient approver = shop.client(kiln, "approver");
                ApiClient acme = shop.client(kiln, "acme")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            operator.post(Shop.API + "/profiles", profile());
            approver.act(Shop.API + "/profiles/derived/1/publish");
            assertThatThrownBy(() ->
                            acme.post(Shop.ORDERS, shop.order("derived-0", 2).put("profile", "derived")))
                    .hasMessageContaining("ORDER_REFUSED")
                    .hasMessageContaining("personalisation.masters");
        }
        shop.addToken("masters", "masters-pin-1");
        assertThat(importMaster(shop))
                .endsWith(HexFormat.of().withUpperCase().formatHex(ecb(MASTER, new byte[16]), 0, 3));
        try (KilnProcess kiln = shop.up();
                ApiClient acme = shop.client(kiln, "acme")) {
            String id = shop.ordered(
                    kiln, shop.order("derived-1", 2).put("profile", "derived").put("transportKey", "acme-derived"));
            assertThat(shop.settled(kiln, id).path("state").asText()).isEqualTo("READY");
            acme.download(Shop.ORDERS + "/" + id + "/files/acme", file);
        }
        assertThat(cards(shop, file, card -> check(card, transportKey))).isEqualTo(2);
    }

    @Test
    void byTheKdfOfSp800108AreThoseThatBouncyCastleComputesAndSoftHsmAloneIsRefused() throws Exception {
        Shop shop = new Shop(folder);
        SecretKey transportKey = shop.transportKey("acme-derived", "acme");
        Path file = folder.resolve("acme.kiln");
        shop.addToken("masters", "masters-pin-1");
        importMaster(shop);
        ObjectNode profile = profile();
        ((ObjectNode) profile.path("keysets").path(0)).put("derivation", "SP800_108");
        ((ObjectNode) profile.path("keysets").path(1))
                .put("derivation", "SP800_108")
                .put("algorithm", "AES_192");
        try (KilnProcess kiln = shop.up();
                ApiClient operator = shop.client(kiln, "operator");
                ApiClient approver = shop.client(kiln, "approver");
                ApiClient acme = shop.client(kiln, "acme")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            operator.post(Shop.API + "/profiles", profile);
            approver.act(Shop.API + "/profiles/derived/1/publish");
            assertThatThrownBy(() ->
                            acme.post(Shop.ORDERS, shop.order("derived-0", 2).put("profile", "derived")))
                    .hasMessageContaining("ORDER_REFUSED")
                    .hasMessageContaining("ota-master")
                    .hasMessageContaining("0x03ac");
        }
        Path yaml = Path.of(shop.data(), "kiln.yaml");
        Files.writeString(
                yaml,
                Files.readString(yaml)
                        .replace(
                                "{token: masters, module: same",
                                "{token: masters, module: " + CompiledModule.compile(folder, "sp800-108")));
        try (KilnProcess kiln = shop.up();
                ApiClient acme = shop.client(kiln, "acme")) {
            String id = shop.ordered(
                    kiln, shop.order("derived-1", 2).put("profile", "derived").put("transportKey", "acme-derived"));
            assertThat(shop.settled(kiln, id).path("state").asText()).isEqualTo("READY");
            acme.download(Shop.ORDERS + "/" + id + "/files/acme", file);
        }
        assertThat(cards(shop, file, card -> checkKdf(card, transportKey))).isEqualTo(2);
    }

    private String importMaster(Shop shop) throws Exception {
        byte[] one = new byte[32];
        Arrays.fill(one, (byte) 0x33);
        byte[] two = MASTER.clone();
        for (int i = 0; i < two.length; i++) {
            two[i] ^= 0x33;
        }
        return KilnProcess.succeed(
                "master-key",
                "import",
                "--data",
                shop.data(),
                "--label",
                "ota-master",
                "--component",
                component("one", one),
                "--component",
                component("two", two));
    }

    /** A card's columns, judged. */
    @FunctionalInterface
    private interface Judge {
        void look(Map<String, String> card) throws Exception;
    }

    private static int cards(Shop shop, Path file, Judge judge) throws Exception {
        Opener opener =
                new Opener(shop.identity("delivery"), SignerTrust.pinned(shop.signer()), InstantSource.system());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        opener.open(file, opener.verify(file), in -> in.transferTo(content));
        int[] cards = new int[1];
        BatchReader.read(new ByteArrayInputStream(content.toByteArray()), OutputFormats.PARSER, card -> {
            try {
                judge.look(card.values());
                cards[0]++;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        return cards[0];
    }

    private static void check(Map<String, String> card, SecretKey transportKey) throws Exception {
        String iccid = card.get("ICCID");
        int place = 0;
        for (String name : new String[] {"KIC", "KID", "KIK"}) {
            place++;
            assertThat(unwrap(transportKey, card.get(name + "1"))).isEqualTo(ecb(MASTER, data(iccid, 1, place, 16, 1)));
            byte[] two = new byte[32];
            System.arraycopy(ecb(MASTER, data(iccid, 2, place, 32, 1)), 0, two, 0, 16);
            System.arraycopy(ecb(MASTER, data(iccid, 2, place, 32, 2)), 0, two, 16, 16);
            assertThat(unwrap(transportKey, card.get(name + "2"))).isEqualTo(two);
        }
    }

    private static void checkKdf(Map<String, String> card, SecretKey transportKey) throws Exception {
        int place = 0;
        for (String name : new String[] {"KIC", "KID", "KIK"}) {
            place++;
            assertThat(unwrap(transportKey, card.get(name + "1"))).isEqualTo(kdf(card.get("ICCID"), 1, place, 16));
            assertThat(unwrap(transportKey, card.get(name + "2"))).isEqualTo(kdf(card.get("ICCID"), 2, place, 24));
        }
    }

    /** The key by Bouncy Castle: counter in front, label, 00, context, length in bits. */
    private static byte[] kdf(String iccid, int version, int place, int octets) {
        byte[] fixed = ByteBuffer.allocate(13 + 1 + 14 + 4)
                .put("Kiln card key".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 0)
                .put(data(iccid, version, place, octets, 1), 0, 14)
                .putInt(8 * octets)
                .array();
        KDFCounterBytesGenerator generator = new KDFCounterBytesGenerator(new CMac(AESEngine.newInstance()));
        generator.init(new KDFCounterParameters(MASTER, fixed, 32));
        byte[] key = new byte[octets];
        generator.generateBytes(key, 0, octets);
        return key;
    }
}
