package org.kiln.personalisation.order;

import org.jspecify.annotations.Nullable;

/** An order of which a test asks nothing but that it can be entered: three cards of the profile {@code plain} for acme. */
final class PlainOrder {

    private PlainOrder() {}

    /** @param version of the profile; null for the one in force */
    static CardOrder of(String key, @Nullable Integer version) {
        return new CardOrder(
                key,
                "acme",
                "laboratory",
                "plain",
                version,
                3,
                "lab-iccid",
                "lab-imsi",
                null,
                null,
                "acme-out",
                "a certificate",
                null,
                null,
                null,
                null,
                null);
    }
}
