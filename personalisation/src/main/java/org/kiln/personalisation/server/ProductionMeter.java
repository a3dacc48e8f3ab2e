package org.kiln.personalisation.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.kiln.personalisation.generation.BatchGeneration;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderState;

/** Shows how far orders are. What needs the store is as of the last {@link #look}. */
final class ProductionMeter {

    private final OrderBook orders;
    private final CardStore cards;
    private final Map<OrderState, AtomicLong> inState = new EnumMap<>(OrderState.class);
    private final AtomicLong toMake = new AtomicLong();

    ProductionMeter(OrderBook orders, CardStore cards, BatchGeneration generation, MeterRegistry registry) {
        this.orders = orders;
        this.cards = cards;
        for (OrderState state : OrderState.values()) {
            AtomicLong count = new AtomicLong();
            inState.put(state, count);
            Gauge.builder("kiln_orders", count, AtomicLong::get)
                    .description("orders, by how far they are")
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        Gauge.builder("kiln_cards_to_make", toMake, AtomicLong::get)
                .description("cards of approved orders that are not made yet")
                .register(registry);
        FunctionCounter.builder("kiln_cards_made", generation, BatchGeneration::cardsMade)
                .description("cards that this node has made")
                .register(registry);
    }

    /** Looks at the store. */
    void look() {
        Map<OrderState, Long> census = orders.census();
        inState.forEach((state, count) -> count.set(census.getOrDefault(state, 0L)));
        toMake.set(orders.inState(OrderState.GENERATING).stream()
                .mapToLong(this::missing)
                .sum());
    }

    private long missing(Order order) {
        return Math.max(0, order.request().quantity() - (long) cards.count(order.id()));
    }
}
