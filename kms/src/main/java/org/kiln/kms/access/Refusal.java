package org.kiln.kms.access;

import java.util.Locale;

/** Why a call is refused. */
public enum Refusal {
    /** No rule has a caller of this certificate. */
    UNKNOWN,
    /** None of the caller's roles allows it. */
    ROLE,
    /** The subscriber is not of a network that the caller serves. */
    NETWORK,
    /** The caller calls more often than he may. */
    RATE,
    /** The caller has more calls open at once than he may. */
    CONCURRENCY;

    /** The name in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
