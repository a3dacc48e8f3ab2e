package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.output.OutputFormat;
import org.kiln.transfer.recipient.BatchOpener;
import org.kiln.transfer.recipient.Rewrap;

/** Orders whose vendor gets keys in key blocks (ANSI X9.143), opened into his token. */
class KeyBlockOrderTest {

    private static final int CARDS = 5;
    private static final EngineChoice ENGINES = new EngineChoice(Set.of(), Set.of("tuak", "key-blocks"), false);

    private static final String TUAK = """
            name: tuak-blocks
            cardKind: UICC
            authentication: {algorithm: tuak, keyOctets: 32, operatorConstant: laboratory}
            codes:
              PUK1: {rule: random-digits, length: 8}
            keysets:
              - {channel: SCP80, keyVersion: 1, algorithm: AES_256, kcv: CMAC}
              - {channel: SCP80, keyVersion: 2, algorithm: DES3_2KEY}
              - {channel: SCP03, keyVersion: 48, algorithm: AES_128, kcv: GLOBALPLATFORM_AES}
            recipients:
              - {partner: auc, share: AUC}
              - {partner: ota, share: OTA_PLATFORM}
            retain: [KIC1]
            """;
    private static final String MILENAGE = """
            name: milenage-blocks
            cardKind: UICC
            authentication: {algorithm: milenage, operatorConstant: laboratory}
            """;

    /** All that may be: both keys of authentication, and OTA keys of each kind. */
    private static final String BLOCKS = """
            type: kiln-json
            keyBlocks:
              protectionKey: acme-blocks
              columns:
                - {column: KI}
                - {column: TOPC, usage: 11}
                - {column: KIC1, usage: "12"}
                - {column: KIC2, usage: "13"}
                - {column: SCP03_ENC_30, usage: "99"}
              theHostReadsTheseKeys: true
            """;

    private static final Map<String, String> USAGES =
            Map.of("KI", "10", "TOPC", "11", "KIC1", "12", "KIC2", "13", "SCP03_ENC_30", "99");
    private static final String PLAIN = "type: kiln-csv";

    @TempDir
    private static Path folder;

    private static PartnerToken acme;
    private static PartnerToken auc;
    private static PartnerToken ota;
    private static OrderingNode node;

    @BeforeAll
    static void open() throws Exception {
        acme = new PartnerToken("acme");
        auc = new PartnerToken("auc");
        ota = new PartnerToken("ota");
        node = new OrderingNode(folder, ENGINES, acme, auc, ota);
        node.introduce(auc, PLAIN);
        node.introduce(ota, PLAIN);
        node.publish(TUAK);
        node.publish(MILENAGE);
    }

    @AfterAll
    static void close() {
        node.close();
        List.of(acme, auc, ota).forEach(PartnerToken::close);
    }

    private static String blocks(String protectionKey, String columns, boolean said) {
        return "type: kiln-csv\nkeyBlocks: {protectionKey: " + protectionKey + ", columns: [" + columns
                + "], theHostReadsTheseKeys: " + said + "}\n";
    }

    @Test
    void theVendorOpensThemIntoHisTokenAndHasTheKeysThatOthersHave() throws Exception {
        Order order = node.made(node.order(acme, "tuak-blocks", CARDS, BLOCKS));
        assertThat(order.state()).as(() -> String.valueOf(node.events(order))).isEqualTo(OrderState.READY);

        Path file = node.file(order, acme);
        BatchOpener opener = acme.opener(node.signer(), Rewrap.FORBIDDEN);
        Manifest manifest = opener.verify(file).manifest();
        for (Column column : manifest.columns()) {
            boolean block = USAGES.containsKey(column.name());
            assertThat(column.protection() == Protection.KEY_BLOCK)
                    .as(column.name())
                    .isEqualTo(block);
            if (block) {
                assertThat(column.keyUsage()).isEqualTo(USAGES.get(column.name()));
                assertThat(column.keyLabel()).isEqualTo("acme-blocks");
            } else if (column.protection() == Protection.WRAPPED) {
                assertThat(column.keyLabel()).isEqualTo("acme-out");
            }
        }
        BatchOpener.Opened opened = opener.open(file, card -> {
            for (String name : USAGES.keySet()) {
                assertThat(card.value(name).orElseThrow()).startsWith("D0144" + USAGES.get(name));
            }
        });
        // KI, TOPC, PUK1, 3 + 3 of SCP80, 3 of SCP03; all but TOPC and PUK1 have a check value
        assertThat(opened).isEqualTo(new BatchOpener.Opened(CARDS, 12L * CARDS, 10L * CARDS));

        List<Map<String, String>> mine = acme.rewrapped(node.signer(), file);
        List<Map<String, String>> aucs = auc.rewrapped(node.signer(), node.file(order, auc));
        List<Map<String, String>> otas = ota.rewrapped(node.signer(), node.file(order, ota));
        for (int card = 0; card < CARDS; card++) {
            assertThat(mine.get(card)).containsAllEntriesOf(aucs.get(card)).containsAllEntriesOf(otas.get(card));
            assertThat(mine.get(card))
                    .doesNotContainEntry("KI", mine.get((card + 1) % CARDS).get("KI"));
        }
    }

    @Test
    void keysOfMilenageStayInTheTokenAndAreRefusedByName() throws Exception {
        CardOrder order =
                node.order(acme, "milenage-blocks", CARDS, blocks("acme-blocks", "{column: KI}, {column: OPC}", true));
        assertThatThrownBy(() -> node.approved(order))
                .isInstanceOf(OrderException.Refused.class)
                .hasMessageContaining("KI, OPC of the file for 'acme' in key blocks")
                .hasMessageContaining("profile 'milenage-blocks' (milenage) are not");
    }

    @Test
    void theHostMustBeAllowedToReadThem() throws Exception {
        CardOrder order = node.order(acme, "tuak-blocks", CARDS, BLOCKS);
        assertThatThrownBy(() -> node.requireMakeable(order, new EngineChoice(Set.of(), Set.of("tuak"), false)))
                .isInstanceOf(OrderException.Refused.class)
                .hasMessageContaining("list key-blocks in auc.guardedHost");
        assertThatThrownBy(() -> node.requireMakeable(order, new EngineChoice(Set.of(), Set.of("key-blocks"), false)))
                .isInstanceOf(OrderException.Refused.class)
                .hasMessageContaining("tuak");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "acme-blocks | {column: PUK1} | column PUK1 holds CODE in key blocks, which take keys only",
                "acme-blocks | {column: OPC} | keyBlocks names column OPC, which this file does not have",
                "acme-blocks | {column: ICCID} | keyBlocks names column ICCID, whose values are no keys",
                "acme-out | {column: KI} | protectionKey 'acme-out' of keyBlocks is no key for key blocks of 'acme'",
                "auc-blocks | {column: KI} | protectionKey 'auc-blocks' of keyBlocks is no key for key blocks of 'acme'",
                "acme-short | {column: KI} | column KI of the file for 'acme' holds keys of 256 bits, more than"
            })
    void whatIsNotMeantIsRefusedByName(String protectionKey, String columns, String why) throws Exception {
        CardOrder order = node.order(acme, "tuak-blocks", CARDS, blocks(protectionKey, columns, true));
        assertThatThrownBy(() -> node.approved(order))
                .isInstanceOf(OrderException.Refused.class)
                .hasMessageContaining(why);
    }

    @Test
    void aKeyForBlocksWrapsNothing() throws Exception {
        CardOrder good = node.order(acme, "tuak-blocks", CARDS, PLAIN);
        CardOrder order = new CardOrder(
                good.idempotencyKey(),
                good.vendor(),
                good.operator(),
                good.profile(),
                null,
                CARDS,
                good.iccids(),
                good.imsis(),
                null,
                null,
                "acme-blocks",
                good.deliveryCertificate(),
                null,
                null,
                good.format(),
                null,
                null);
        assertThatThrownBy(() -> node.approved(order))
                .isInstanceOf(OrderException.Refused.class)
                .hasMessageContaining("transportKey 'acme-blocks' is no outgoing key");
    }

    @Test
    void theFormatMustSayIt() {
        assertThatThrownBy(() -> OrderingNode.format(blocks("acme-blocks", "{column: KI}", false)))
                .hasMessageContaining("theHostReadsTheseKeys: true");
    }

    @Test
    void theExampleSaysIt() throws Exception {
        OutputFormat example =
                OrderingNode.format(Files.readString(Path.of("..", "examples", "formats", "key-blocks.yaml")));
        assertThat(Objects.requireNonNull(example.keyBlocks()).usageOf("KI")).contains(Column.USUAL_KEY_USAGE);
    }

    @Test
    void keysThatTheVendorMakesComeIntoNone() throws Exception {
        node.introduce(auc, blocks("auc-blocks", "{column: KI}", true));
        try {
            CardOrder order = node.orderOfVendorsKeys("tuak-blocks", CARDS);
            assertThatThrownBy(() -> node.approved(order))
                    .isInstanceOf(OrderException.Refused.class)
                    .hasMessageContaining("KI of the file for 'auc' in key blocks")
                    .hasMessageContaining("the vendor makes those of this order");
        } finally {
            node.introduce(auc, PLAIN);
        }
    }
}
