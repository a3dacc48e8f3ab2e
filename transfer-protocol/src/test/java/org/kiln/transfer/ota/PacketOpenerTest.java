package org.kiln.transfer.ota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.pkcs11.Cka;
import org.kiln.transfer.Seeds;
import org.kiln.transfer.ota.SecurityParameters.CounterCheck;

/** What a card takes and what it refuses, its keys in a token of its own. */
class PacketOpenerTest {

    private static final String KIC = "000102030405060708090a0b0c0d0e0f";
    private static final String KID = "101112131415161718191a1b1c1d1e1f";
    private static final String THIRD = "2021222324252627";
    private static final Tar RAM = Tar.of("B00001");
    private static final byte[] APDU = HexFormat.of().parseHex("80f24000024f0000");

    private static OtaToken platform;
    private static OtaToken card;
    private static PacketKeys cardKeys;

    private PacketSealer sealer;
    private PacketOpener opener;

    @BeforeAll
    static void open() {
        platform = new OtaToken();
        card = new OtaToken();
        cardKeys = card.keys(PacketAlgorithm.AES, 1, KIC, KID, 8, Cka.DECRYPT);
    }

    @AfterAll
    static void close() {
        platform.close();
        card.close();
    }

    @BeforeEach
    void issue() {
        sealer = sealer(PacketAlgorithm.AES, 1, KIC, KID, 8);
        opener = new PacketOpener(card.session, cardKeys, SecurityParameters.full(), 41);
    }

    private static PacketSealer sealer(PacketAlgorithm algorithm, int version, String kic, String kid, int checksum) {
        return new PacketSealer(platform.session, platform.keys(algorithm, version, kic, kid, checksum, Cka.ENCRYPT));
    }

    private static Command command(CounterCheck check, long counter, byte[] data) {
        return new Command(new SecurityParameters(check, true, true, 0x21), RAM, counter, data);
    }

    private static Command command(long counter) {
        return command(CounterCheck.HIGHER, counter, APDU);
    }

    private ResponseStatus refusal(byte[] packet) {
        return catchThrowableOfType(PacketRefusedException.class, () -> opener.open(packet))
                .status();
    }

    @Test
    void higherCountersAreTakenAndPacketsSentAgainAreNot() throws Exception {
        byte[] packet = sealer.seal(command(42));
        byte[] later = sealer.seal(command(50));
        byte[] between = sealer.seal(command(49));

        assertThat(opener.open(packet)).isEqualTo(command(42));
        assertThat(refusal(packet)).isEqualTo(ResponseStatus.COUNTER_LOW);
        assertThat(opener.open(later)).isEqualTo(command(50));
        assertThat(refusal(between)).isEqualTo(ResponseStatus.COUNTER_LOW);
        assertThat(opener.counter()).isEqualTo(50);
    }

    @Test
    void theCounterThatTheKeysetBeginsWithIsTakenAlready() {
        assertThat(refusal(sealer.seal(command(41)))).isEqualTo(ResponseStatus.COUNTER_LOW);
    }

    @Test
    void whereTheNextOneIsAskedForNoneMayBeLeftOut() throws Exception {
        assertThat(refusal(sealer.seal(command(CounterCheck.NEXT, 43, APDU)))).isEqualTo(ResponseStatus.COUNTER_HIGH);
        assertThat(opener.open(sealer.seal(command(CounterCheck.NEXT, 42, APDU)))
                        .counter())
                .isEqualTo(42);
    }

    @Test
    void aCounterAtItsEndTakesNothing() throws Exception {
        assertThat(opener.open(sealer.seal(command(0xFF_FFFF_FFFFL))).counter()).isEqualTo(0xFF_FFFF_FFFFL);
        assertThat(refusal(sealer.seal(command(0xFF_FFFF_FFFFL)))).isEqualTo(ResponseStatus.COUNTER_BLOCKED);
        assertThatThrownBy(() -> command(0x100_0000_0000L)).hasMessageContaining("1099511627775");
    }

    @Test
    void aRefusedPacketDoesNotMoveTheCounter() {
        byte[] packet = sealer.seal(command(1000));
        packet[packet.length - 1] ^= 1;

        assertThat(refusal(packet)).isEqualTo(ResponseStatus.CHECKSUM_FAILED);
        assertThat(opener.counter()).isEqualTo(41);
    }

    /** Whichever bit is changed: in the header it is seen or names other keys, in the ciphered part the checksum fails. */
    @Test
    void noBitOfAPacketMayChange() {
        byte[] packet = sealer.seal(command(42));
        for (int bit = 0; bit < 8 * packet.length; bit++) {
            byte[] changed = packet.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(catchThrowableOfType(PacketRefusedException.class, () -> opener.open(changed)))
                    .as("bit " + bit)
                    .isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "101112131415161718191a1b1c1d1e1f, 101112131415161718191a1b1c1d1e1f",
        "000102030405060708090a0b0c0d0e0f, 000102030405060708090a0b0c0d0e0f"
    })
    void aPacketOfOtherKeysIsRefused(String kic, String kid) {
        assertThat(refusal(sealer(PacketAlgorithm.AES, 1, kic, kid, 8).seal(command(42))))
                .isEqualTo(ResponseStatus.CHECKSUM_FAILED);
    }

    @Test
    void anotherKeysetOrAlgorithmOrChecksumLengthIsRefused() {
        assertThat(refusal(sealer(PacketAlgorithm.AES, 2, KIC, KID, 8).seal(command(42))))
                .isEqualTo(ResponseStatus.UNIDENTIFIED_SECURITY_ERROR);
        assertThat(refusal(sealer(PacketAlgorithm.DES3_2KEY, 1, KIC, KID, 8).seal(command(42))))
                .isEqualTo(ResponseStatus.UNIDENTIFIED_SECURITY_ERROR);
        assertThat(refusal(sealer(PacketAlgorithm.AES, 1, KIC, KID, 4).seal(command(42))))
                .isEqualTo(ResponseStatus.UNIDENTIFIED_SECURITY_ERROR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"11", "10", "1d", "1f"})
    void singleDesAndWhatIsKnownImplicitlyAreRefused(String kic) {
        byte[] packet = sealer.seal(command(42));
        packet[5] = (byte) HexFormat.fromHexDigits(kic);

        assertThatThrownBy(() -> opener.open(packet))
                .isInstanceOf(PacketRefusedException.class)
                .hasMessageContaining("KIc names an algorithm that is not taken");
    }

    @Test
    void lessProtectionThanTheCardWantsIsRefused() {
        for (SecurityParameters weaker : new SecurityParameters[] {
            new SecurityParameters(CounterCheck.HIGHER, false, true, 0),
            new SecurityParameters(CounterCheck.HIGHER, true, false, 0),
            new SecurityParameters(CounterCheck.UNCHECKED, true, true, 0),
            new SecurityParameters(CounterCheck.NONE, true, true, 0)
        }) {
            assertThat(refusal(sealer.seal(new Command(weaker, RAM, 42, APDU))))
                    .isEqualTo(ResponseStatus.INSUFFICIENT_SECURITY_LEVEL);
        }
        byte[] signed = sealer.seal(command(42));
        signed[3] |= 0b11;
        assertThat(refusal(signed)).isEqualTo(ResponseStatus.UNIDENTIFIED_SECURITY_ERROR);
    }

    @Test
    void aChecksumOfFourOctetsIsTakenWhereTheKeysHaveIt() throws Exception {
        PacketKeys four = card.keys(PacketAlgorithm.AES, 1, KIC, KID, 4, Cka.DECRYPT);
        opener = new PacketOpener(card.session, four, SecurityParameters.full(), 0);
        byte[] packet = sealer(PacketAlgorithm.AES, 1, KIC, KID, 4).seal(command(1));

        assertThat(packet[2]).isEqualTo((byte) (13 + 4));
        assertThat(opener.open(packet)).isEqualTo(command(1));
    }

    static LongStream seeds() {
        return Seeds.of(20);
    }

    @ParameterizedTest
    @EnumSource
    void dataOfAnyLengthIsPaddedToWholeBlocksAndComesBack(PacketAlgorithm algorithm) throws Exception {
        String kic = algorithm == PacketAlgorithm.DES3_3KEY ? KIC + THIRD : KIC;
        String kid = algorithm == PacketAlgorithm.DES3_3KEY ? KID + THIRD : KID;
        PacketSealer own = sealer(algorithm, 3, kic, kid, 8);
        opener = new PacketOpener(
                card.session, card.keys(algorithm, 3, kic, kid, 8, Cka.DECRYPT), SecurityParameters.full(), 0);
        Random random = Seeds.random(algorithm.ordinal());
        for (int length = 0; length <= 2 * algorithm.block() + 1; length++) {
            byte[] data = new byte[length];
            random.nextBytes(data);
            Command sent = command(CounterCheck.HIGHER, length + 1, data);

            byte[] packet = own.seal(sent);

            assertThat((packet.length - 10) % algorithm.block()).isZero();
            assertThat(packet.length - 10 - 14 - length).isBetween(0, algorithm.block() - 1);
            assertThat(opener.open(packet)).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverArrivesIsAPacketOrRefused(long seed) {
        Random random = Seeds.random(seed);
        SecurityParameters none = new SecurityParameters(CounterCheck.NONE, false, false, 0);
        PacketOpener lenient = new PacketOpener(card.session, cardKeys, none, 0);
        byte[] good = random.nextBoolean()
                ? sealer.seal(command(42))
                : sealer.seal(new Command(none, RAM, 0, Arrays.copyOf(APDU, random.nextInt(30))));
        for (int i = 0; i < 100; i++) {
            byte[] mutant = Seeds.mutate(good, random);
            if (random.nextBoolean() && mutant.length >= 2) {
                mutant[0] = (byte) (mutant.length - 2 >> 8);
                mutant[1] = (byte) (mutant.length - 2);
            }
            try {
                assertThat(lenient.open(mutant).data().length).isLessThan(mutant.length);
            } catch (PacketRefusedException expected) {
                assertThat(expected.status()).as("seed %d", seed).isNotNull();
            }
        }
    }

    @Test
    void aPacketGoesInOneShortMessageOrIsRefused() {
        byte[] packet = sealer.seal(command(CounterCheck.HIGHER, 42, new byte[98]));

        assertThat(PacketSealer.shortMessage(packet))
                .hasSizeLessThanOrEqualTo(140)
                .startsWith(2, 0x70, 0);
        assertThatThrownBy(
                        () -> PacketSealer.shortMessage(sealer.seal(command(CounterCheck.HIGHER, 42, new byte[120]))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one short message");
    }

    @Test
    void nothingShowsKeysOrData() {
        assertThat(cardKeys).hasToString("PacketKeys[1, AES]");
        assertThat(command(42)).hasToString("Command[B00001, counter 42, 8 octets]");
        assertThatThrownBy(() -> Tar.of("B0000")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PacketKeys(16, PacketAlgorithm.AES, 1, 2, 8))
                .hasMessageContaining("1 to 15");
        assertThatThrownBy(() -> new PacketKeys(1, PacketAlgorithm.DES3_2KEY, 1, 2, 4))
                .hasMessageContaining("4 octets");
    }
}
