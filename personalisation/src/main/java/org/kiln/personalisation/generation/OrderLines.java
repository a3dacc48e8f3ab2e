package org.kiln.personalisation.generation;

import java.util.List;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.personalisation.order.DeliveryPlan;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.token.TokenProfile;

/**
 * How the lines of an order's files are made, wherever a card's keys come from: what each file has of a card, and under
 * which keys. For any thread; what {@link #begin} gives is for one.
 */
public final class OrderLines {

    private final CardProfile profile;
    private final StorageKeys storage;
    private final List<CardLine> lines;

    private OrderLines(CardProfile profile, StorageKeys storage, List<CardLine> lines) {
        this.profile = profile;
        this.storage = storage;
        this.lines = lines;
    }

    /**
     * The lines of an order's files.
     *
     * @param plans the files
     * @param files say what columns each has
     * @param ring finds transport keys in the token
     * @param storage hides what the operator retains
     */
    public static OrderLines of(
            Order order,
            List<DeliveryPlan> plans,
            DeliveryFiles files,
            KeyRing ring,
            StorageKeys storage,
            TokenProfile token) {
        return new OrderLines(
                order.profile(),
                storage,
                plans.stream()
                        .map(plan ->
                                CardLine.of(plan.partner().name(), files.columns(order, plan), ring, storage, token))
                        .toList());
    }

    /** Whether a file holds a secret of this name, or the operator retains it. */
    public boolean want(String name) {
        return profile.retain().contains(name)
                || lines.stream().anyMatch(line -> line.columns().containsKey(name));
    }

    /** Whether a file holds a secret of this name as it is. */
    public boolean wantInTheClear(String name) {
        return lines.stream().anyMatch(line -> line.holdsInTheClear(name));
    }

    /** Whether a file holds a key of this name in a key block, so that the host must read it. */
    boolean wantInKeyBlocks(String name) {
        return lines.stream().anyMatch(line -> line.holdsInKeyBlocks(name));
    }

    /** The lines of one card, empty yet. */
    public CardLines begin() {
        return new CardLines(
                profile, storage, lines.stream().map(CardLine::begin).toList());
    }
}
