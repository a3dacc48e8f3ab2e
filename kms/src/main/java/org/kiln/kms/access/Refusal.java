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
    CONCURRENCY,
    /** The caller has more connections than he may. */
    CONNECTIONS,
    /** The caller has asked for too many unknown subscribers, and is locked out. */
    LOCKED_OUT;

    /** Whether it is for how much he calls, and trying again later may help. */
    public boolean isForNow() {
        return this == RATE || this == CONCURRENCY || this == CONNECTIONS || this == LOCKED_OUT;
    }

    /** The name in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
