package org.kiln.personalisation.journal;

import java.time.Instant;

/**
 * Something that happened.
 *
 * @param number from 1, without gaps
 * @param actor who did it; {@value Journal#KILN} for the service itself
 * @param event the state it led to, or what happened otherwise
 * @param detail in words; nothing secret
 */
public record JournalEntry(int number, Instant at, String actor, String event, String detail) {}
