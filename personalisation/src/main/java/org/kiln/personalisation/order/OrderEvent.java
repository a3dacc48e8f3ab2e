package org.kiln.personalisation.order;

import java.time.Instant;

/**
 * Something that happened to an order.
 *
 * @param number from 1, without gaps
 * @param actor who did it; {@code kiln} for the service itself
 * @param event the state it led to, or what happened to a file
 * @param detail in words; nothing secret
 */
public record OrderEvent(int number, Instant at, String actor, String event, String detail) {}
