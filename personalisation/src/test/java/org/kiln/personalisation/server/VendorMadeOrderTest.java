package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;

/** Batches whose keys the vendor made, for several recipients: of cards of the guarded host, and given up half-way. */
class VendorMadeOrderTest {

    private static final int CARDS = 20;
    private static final List<VendorHouse.Secret> SECRETS = List.of(
            new VendorHouse.Secret("KIC1", Content.AES_KEY, 32, KcvConvention.CMAC),
            new VendorHouse.Secret("KID1", Content.AES_KEY, 32, KcvConvention.CMAC),
            new VendorHouse.Secret("KIK1", Content.AES_KEY, 32, KcvConvention.CMAC),
            VendorHouse.Secret.code("PUK1"),
            VendorHouse.Secret.code("PUK2"));

    private static final String PROFILE = """
            name: %s
            cardKind: UICC
            authentication: {algorithm: %s, keyOctets: %d, operatorConstant: laboratory}
            codes:
              PUK1: {rule: random-digits, length: 8}
              PUK2: {rule: random-digits, length: 8}
            keysets:
              - {channel: SCP80, keyVersion: 1, algorithm: AES_256, kcv: CMAC}
            recipients:
              - {partner: auc, share: AUC}
              - {partner: care, share: CUSTOMER_CARE}
              - {partner: ota, share: OTA_PLATFORM}
            retain: [PUK1, KIC1]
            """;
    private static final String PLAIN = "type: kiln-csv";
    private static final String CLEAR = """
            type: pysim-csv
            names: {}
            codes: CLEAR
            anybodyWithTheFileReadsCodes: true
            """;

    @TempDir
    private static Path folder;

    private static PartnerToken auc;
    private static PartnerToken care;
    private static PartnerToken ota;
    private static OrderingNode node;

    @BeforeAll
    static void open() throws Exception {
        auc = new PartnerToken("auc");
        care = new PartnerToken("care");
        ota = new PartnerToken("ota");
        node = new OrderingNode(folder, new EngineChoice(Set.of(), Set.of("tuak"), false), auc, care, ota);
        node.introduce(auc, PLAIN);
        node.introduce(care, CLEAR);
        node.introduce(ota, PLAIN);
        node.publish(PROFILE.formatted("made-milenage", "milenage", 16));
        node.publish(PROFILE.formatted("made-tuak", "tuak", 32));
    }

    @AfterAll
    static void close() {
        node.close();
        List.of(auc, care, ota).forEach(PartnerToken::close);
    }

    /** A Ki of TUAK comes under the transport key's second object, where the host may read it, and goes on from there. */
    @Test
    void cardsOfTuakAreTakenAndPassedOn() throws Exception {
        Order order = node.approved(node.orderOfVendorsKeys("made-tuak", CARDS));
        assertThat(node.state(order)).isEqualTo(OrderState.AWAITED);

        Order taken = node.take(order, node.batch(order, CARDS, SECRETS, true));

        assertThat(taken.state()).isEqualTo(OrderState.ACKNOWLEDGED);
        assertThat(node.deliveries(order)).containsExactly("READY");
        List<Map<String, String>> his = auc.rewrapped(node.signer(), node.file(order, auc));
        List<Map<String, String>> platforms = ota.rewrapped(node.signer(), node.file(order, ota));
        assertThat(his).hasSize(CARDS);
        for (int card = 0; card < CARDS; card++) {
            byte[] ki = ByteBuffer.allocate(32).putInt(card + 1).array();
            assertThat(his.get(card)).isEqualTo(Map.of("KI", wrapped(ki), "TOPC", wrapped(new byte[32])));
            for (VendorHouse.Secret secret : SECRETS.subList(0, 3)) {
                assertThat(platforms.get(card)).containsEntry(secret.name(), wrapped(secret.of(card)));
            }
        }
        assertThat(
                        node.count(
                                "count(*) from subscriber where algorithm = 'tuak' and status = 'PENDING' and ki_key like 'SKH-%'"))
                .as("their Ki lie where the host may read them, as those that Kiln makes")
                .isEqualTo(CARDS);
    }

    private static String wrapped(byte[] value) throws Exception {
        return PartnerToken.underTheCommonKey(value);
    }

    @Test
    void keysOfMilenageForCardsOfTuakAreRefusedAndNothingStays() throws Exception {
        long before = node.count("count(*) from subscriber");
        Order order = node.approved(node.orderOfVendorsKeys("made-tuak", CARDS));
        Path batch = node.batch(order, CARDS, SECRETS, false);
        assertThatThrownBy(() -> node.take(order, batch))
                .as("Ki of 16 octets and OPc")
                .hasMessageContaining("line 2");
        assertThat(node.count("count(*) from subscriber")).isEqualTo(before);
        assertThat(node.state(order)).isEqualTo(OrderState.AWAITED);
    }

    /**
     * The first file is on disk, the second is being written: its codes are read one by one, two for each card.
     *
     * @param read at which of them somebody cancels
     */
    @ParameterizedTest
    @ValueSource(ints = {1, CARDS, 2 * CARDS})
    void cancelledWhileTheFilesAreWrittenNothingOfItStays(int read) throws Exception {
        long subscribers = node.count("count(*) from subscriber");
        List<Path> files = node.filesOnDisk();
        Order order = node.approved(node.orderOfVendorsKeys("made-milenage", CARDS));
        Path batch = node.batch(order, CARDS, SECRETS, false);
        AtomicInteger reads = new AtomicInteger();
        node.whenACodeIsRead = () -> {
            if (reads.incrementAndGet() == read) {
                assertThat(node.file(order, auc)).as("written before").exists();
                node.destruction.cancel(order.id(), "operator", "another vendor is cheaper");
            }
        };
        try {
            assertThatThrownBy(() -> node.take(order, batch))
                    .isInstanceOf(OrderException.WrongState.class)
                    .hasMessageContaining("cancelled");
        } finally {
            node.whenACodeIsRead = () -> {};
        }

        assertThat(reads.get()).isGreaterThanOrEqualTo(read);
        assertThat(node.state(order)).isEqualTo(OrderState.CANCELLED);
        assertThat(node.deliveries(order)).containsExactly("DESTROYED");
        assertThat(node.filesOnDisk()).as("neither files nor parts of them").containsExactlyInAnyOrderElementsOf(files);
        String his = " where order_id = '" + order.id() + "'";
        assertThat(node.count("count(*) from card_row" + his)).isZero();
        assertThat(node.count("count(*) from card" + his)).isZero();
        assertThat(node.count("count(*) from subscriber")).isEqualTo(subscribers);
        assertThat(node.count("count(*) from number_block" + his + " and state <> 'QUARANTINED'"))
                .as("numbers that may be on a card")
                .isZero();
        assertThatThrownBy(() -> node.take(order, batch)).isInstanceOf(OrderException.WrongState.class);
    }
}
