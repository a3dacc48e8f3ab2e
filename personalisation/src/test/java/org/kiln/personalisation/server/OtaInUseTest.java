package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.ota.Command;
import org.kiln.transfer.ota.PacketAlgorithm;
import org.kiln.transfer.ota.PacketKeys;
import org.kiln.transfer.ota.PacketOpener;
import org.kiln.transfer.ota.PacketRefusedException;
import org.kiln.transfer.ota.PacketSealer;
import org.kiln.transfer.ota.ResponseStatus;
import org.kiln.transfer.ota.SecurityParameters;
import org.kiln.transfer.ota.Tar;
import org.kiln.transfer.recipient.Card;

/**
 * OTA keys as they were issued, in use: an order for a vendor and an OTA platform, each opening his own file into his own
 * token. What the platform sends by its keys, the card takes by the vendor's; another card's, and what is sent again, it
 * does not.
 */
class OtaInUseTest {

    private static final int CARDS = 2;
    private static final Tar RAM = Tar.of("B00001");
    private static final byte[] GET_STATUS = HexFormat.of().parseHex("80f24000024f0000");
    private static final long COUNTER = 0x0102030405L;
    private static final Mechanism CBC = Mechanism.withIv(Ckm.AES_CBC, new byte[16]);
    private static final String PSK = "SCP81_PSK_40";

    @TempDir
    private static Path folder;

    private static PartnerToken vendor;
    private static PartnerToken platform;
    private static List<Card> made;
    private static List<Card> managed;

    @BeforeAll
    static void orderAndOpen() throws Exception {
        vendor = new PartnerToken("acme");
        platform = new PartnerToken("ota");
        IssuedCards issued = IssuedCards.order(folder, vendor, platform, CARDS, COUNTER);
        made = issued.made();
        managed = issued.managed();
    }

    @AfterAll
    static void close() {
        vendor.close();
        platform.close();
    }

    private static PacketKeys keys(Card card, int version, String suffix, PacketAlgorithm algorithm) {
        return new PacketKeys(
                version,
                algorithm,
                card.key("KIC" + version + suffix).orElseThrow(),
                card.key("KID" + version + suffix).orElseThrow(),
                8);
    }

    private static Command command(long counter) {
        return new Command(SecurityParameters.full(), RAM, counter, GET_STATUS);
    }

    private static ResponseStatus refusal(PacketOpener card, byte[] packet) {
        return catchThrowableOfType(PacketRefusedException.class, () -> card.open(packet))
                .status();
    }

    @Test
    void eachRecipientsFileIsOfTheSameCards() {
        assertThat(made).hasSize(CARDS);
        assertThat(managed.stream().map(card -> card.value("ICCID")))
                .isEqualTo(made.stream().map(card -> card.value("ICCID")).toList());
        assertThat(managed.getFirst().keys())
                .containsKeys("KIC1", "KID1", "KIC2", "KIC3_SSD1", "KIC5", "KIC9", "SCP81_PSK_40")
                .doesNotContainKeys("KI", "OPC", "PIN1", "ADM1");
    }

    @ParameterizedTest
    @CsvSource({"1, '', AES", "2, '', AES", "3, _SSD1, AES", "5, '', DES3_2KEY", "9, '', DES3_3KEY"})
    void theCardTakesWhatThePlatformSends(int version, String suffix, PacketAlgorithm algorithm) throws Exception {
        for (int i = 0; i < CARDS; i++) {
            long first = HexFormat.fromHexDigitsToLong(
                    managed.get(i).value("CNTR" + version + suffix).orElseThrow());
            assertThat(first).isEqualTo(version == 2 ? COUNTER : 0);
            PacketSealer sealer =
                    new PacketSealer(platform.session(), keys(managed.get(i), version, suffix, algorithm));
            PacketOpener card = new PacketOpener(
                    vendor.session(), keys(made.get(i), version, suffix, algorithm), SecurityParameters.full(), first);

            byte[] packet = sealer.seal(command(first + 1));
            assertThat(card.open(packet)).isEqualTo(command(first + 1));
            assertThat(card.open(sealer.seal(command(first + 9))).counter()).isEqualTo(first + 9);

            assertThat(refusal(card, packet)).isEqualTo(ResponseStatus.COUNTER_LOW);
            assertThat(refusal(card, sealer.seal(command(first + 5)))).isEqualTo(ResponseStatus.COUNTER_LOW);
            assertThat(refusal(card, sealer.seal(command(first)))).isEqualTo(ResponseStatus.COUNTER_LOW);
            PacketSealer another = new PacketSealer(
                    platform.session(), keys(managed.get((i + 1) % CARDS), version, suffix, algorithm));
            assertThat(refusal(card, another.seal(command(first + 10)))).isEqualTo(ResponseStatus.CHECKSUM_FAILED);
            assertThat(card.counter()).isEqualTo(first + 9);
        }
    }

    @Test
    void eachSidesTokenDoesItsOwnPartOnly() {
        assertThat(refused(() -> decrypt(platform, managed.getFirst()))).isEqualTo(Ckr.KEY_FUNCTION_NOT_PERMITTED);
        assertThat(refused(() -> encrypt(vendor, made.getFirst()))).isEqualTo(Ckr.KEY_FUNCTION_NOT_PERMITTED);
    }

    private static Ckr refused(ThrowingCallable call) {
        return catchThrowableOfType(Pkcs11Exception.class, call).ckr();
    }

    private static void decrypt(PartnerToken partner, Card card) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(16);
            partner.session().decrypt(CBC, card.key("KIC3_SSD1").orElseThrow(), block, 16, block);
        }
    }

    private static void encrypt(PartnerToken partner, Card card) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(16);
            partner.session().encrypt(CBC, card.key("KIC2").orElseThrow(), block, 16, block);
        }
    }

    /** What GlobalPlatform's security parameters (Amendment B, tag 85) tell the card: as its file and the platform's have it. */
    private static String identity(Card card) {
        String identity = card.value("SCP81_PSK_40_IDENTITY").orElseThrow();
        assertThat(identity).isEqualTo(card.value("ICCID").orElseThrow() + "/40/01");
        return identity;
    }

    /** The PSK octets of a card, which Bouncy Castle's TLS needs on the heap: here alone, in a laboratory. */
    private static byte[] psk(PartnerToken partner, String transportKey, Card card) throws Exception {
        try (Secret psk = partner.reveal(transportKey).reveal(card.value(PSK).orElseThrow())) {
            return psk.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static Map<String, byte[]> platformsKeys() throws Exception {
        Map<String, byte[]> keys = new LinkedHashMap<>();
        for (Card card : managed) {
            keys.put(identity(card), psk(platform, "ota-out", card));
        }
        return keys;
    }

    @ParameterizedTest
    @CsvSource({"TLS_PSK_WITH_AES_128_CBC_SHA256, 00AE", "TLS_PSK_WITH_AES_128_GCM_SHA256, 00A8"})
    void theCardOpensASessionWithThePlatformByItsPsk(String name, String suite) throws Exception {
        for (Card card : made) {
            PskSession session = PskSession.between(
                    HexFormat.fromHexDigits(suite), platformsKeys(), identity(card), psk(vendor, "acme-ota", card));

            assertThat(session.suite()).as(name).isEqualTo(HexFormat.fromHexDigits(suite));
            assertThat(session.identity()).isEqualTo(identity(card));
            assertThat(session.received()).isEqualTo("POST /admin HTTP/1.1 -> HTTP/1.1 204 No Content");
        }
    }

    @Test
    void anotherCardsPskOpensNoSession() throws Exception {
        byte[] others = psk(vendor, "acme-ota", made.get(1));

        assertThatThrownBy(() -> PskSession.between(0x00A8, platformsKeys(), identity(made.getFirst()), others))
                .isInstanceOf(PskSession.Refused.class);
        assertThatThrownBy(() -> PskSession.between(0x00AE, platformsKeys(), "nobody/40/01", others))
                .isInstanceOf(PskSession.Refused.class)
                .hasMessageContaining("unknown_psk_identity");
    }
}
