package org.kiln.personalisation.identity;

import java.time.Instant;

/**
 * Something that happened to an identity.
 *
 * @param number from 1
 * @param actor the caller's name, or {@code kiln}
 */
public record IdentityEvent(int number, Instant at, String actor, String event, String detail) {}
