package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;

/** What becomes of files and keys of orders that are given up, or that nobody fetches. */
class OrderCustodyTest {

    private static final int CARDS = 12;
    private static final int MANY = 200;
    private static final Duration KEPT = Duration.ofDays(30);

    private static final String PROFILE = """
            name: custody
            cardKind: UICC
            authentication: {algorithm: milenage, operatorConstant: laboratory}
            codes:
              PUK1: {rule: random-digits, length: 8}
            keysets:
              - {channel: SCP80, keyVersion: 1, algorithm: AES_128}
            retain: [PUK1]
            """;
    private static final String PLAIN = "type: kiln-csv";

    @TempDir
    private static Path folder;

    private static PartnerToken acme;
    private static OrderingNode node;

    @BeforeAll
    static void open() throws Exception {
        acme = new PartnerToken("acme");
        node = new OrderingNode(folder, EngineChoice.PORTABLE_ONLY, acme);
        node.publish(PROFILE);
    }

    @AfterAll
    static void close() {
        node.close();
        acme.close();
    }

    private static CardOrder order(int cards) throws Exception {
        return node.order(acme, "custody", cards, PLAIN);
    }

    private static Order inState(OrderState state) throws Exception {
        return switch (state) {
            case REQUESTED -> node.asked(order(CARDS));
            case AWAITED -> node.approved(node.orderOfVendorsKeys("custody", CARDS));
            case GENERATING -> {
                Order order = node.approved(order(MANY));
                node.start(order);
                while (node.count("count(*) from card" + of(order)) == 0) {
                    Thread.sleep(2);
                }
                yield order;
            }
            case FAILED -> {
                Order order = node.approved(order(CARDS));
                node.fail(order);
                yield order;
            }
            case READY -> node.made(order(CARDS));
            case DELIVERED -> {
                Order order = node.made(order(CARDS));
                node.fetched(order, acme);
                yield order;
            }
            default -> throw new IllegalArgumentException(state.name());
        };
    }

    private static String of(Order order) {
        return " where order_id = '" + order.id() + "'";
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUESTED", "AWAITED", "GENERATING", "FAILED", "READY", "DELIVERED"})
    void cancelledInAnyOfTheseStatesNothingStaysButItsNumbersAside(OrderState state) throws Exception {
        long subscribers = node.count("count(*) from subscriber");
        List<Path> files = node.filesOnDisk();
        Order order = inState(state);
        assertThat(node.state(order)).isEqualTo(state);

        node.destruction.cancel(order.id(), "operator", "the launch is put off");
        // the worker that makes cards has let go of the order when it has made another one
        Order next = node.made(order(1));
        node.destruction.cancel(next.id(), "operator", "to count what is left");

        assertThat(node.state(order)).isEqualTo(OrderState.CANCELLED);
        assertThat(node.filesOnDisk()).containsExactlyInAnyOrderElementsOf(files);
        assertThat(node.count("count(*) from card" + of(order))).isZero();
        assertThat(node.count("count(*) from card_row" + of(order))).isZero();
        assertThat(node.count("count(*) from subscriber")).isEqualTo(subscribers);
        assertThat(node.count("count(*) from number_block" + of(order) + " and state <> 'QUARANTINED'"))
                .isZero();
        assertThat(node.deliveries(order)).isSubsetOf(Set.of("DESTROYED"));
        assertThatThrownBy(() -> node.destruction.cancel(order.id(), "operator", "twice"))
                .isInstanceOf(OrderException.WrongState.class);
    }

    @Test
    void whatNobodyAcknowledgesIsDestroyedWhenItsTimeIsOver() throws Exception {
        Order order = node.made(order(CARDS));

        node.destroyOverdue(Instant.now().plus(KEPT).minusSeconds(60), KEPT);
        assertThat(node.file(order, acme)).as("not yet").exists();
        assertThat(node.count("count(*) from card_row" + of(order))).isEqualTo(CARDS);

        node.destroyOverdue(Instant.now().plus(KEPT).plusSeconds(60), KEPT);
        assertThat(node.file(order, acme)).doesNotExist();
        assertThat(node.count("count(*) from card_row" + of(order))).isZero();
        assertThat(node.deliveries(order)).containsExactly("DESTROYED");
        assertThat(node.state(order)).as("its cards may still be acknowledged").isEqualTo(OrderState.READY);
        assertThat(node.count("count(*) from card" + of(order) + " and operator_keys like '%PUK1%'"))
                .as("what the profile retains")
                .isEqualTo(CARDS);
    }
}
