package org.kiln.personalisation.identity;

import java.util.Set;

/** How far an identity has come. */
public enum IdentityState {
    /** Numbers are taken; the credential is not made yet. */
    REQUESTED,
    /** The credential is made and waits, wrapped for the device. */
    ISSUED,
    /** It was handed out, once or more often; nobody but the device can open it. */
    DELIVERED,
    /** The device has signed that it has it: the network serves it, and nothing is left to hand out. */
    CONFIRMED,
    /** It has authenticated; what it replaces is suspended. */
    ACTIVE,
    /** Another identity of the device has taken its place. */
    SUPERSEDED,
    /** It did not authenticate in time and is suspended; the device keeps what it had before. */
    FELL_BACK,
    /** A person has withdrawn it. */
    REVOKED,
    /** The device did not confirm in time, or asked anew: keys and numbers are given up. */
    EXPIRED;

    /** Those in which the device has not confirmed yet. */
    public static final Set<IdentityState> OPEN = Set.of(REQUESTED, ISSUED, DELIVERED);

    /** Whether an identity of this state may come to another. */
    public boolean mayBecome(IdentityState next) {
        return successors().contains(next);
    }

    private Set<IdentityState> successors() {
        return switch (this) {
            case REQUESTED -> Set.of(ISSUED, EXPIRED, REVOKED);
            case ISSUED -> Set.of(DELIVERED, EXPIRED, REVOKED);
            case DELIVERED -> Set.of(CONFIRMED, EXPIRED, REVOKED);
            case CONFIRMED -> Set.of(ACTIVE, FELL_BACK, REVOKED);
            case ACTIVE -> Set.of(SUPERSEDED, REVOKED);
            case SUPERSEDED, FELL_BACK, REVOKED, EXPIRED -> Set.of();
        };
    }
}
