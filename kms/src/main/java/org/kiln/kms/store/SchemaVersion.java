package org.kiln.kms.store;

/**
 * How a room's tables stand to what this release wants.
 *
 * @param version of the tables; {@code 0} if there are none yet
 * @param pending steps that this release has and the tables have not
 * @param isAhead whether a later release has been at them
 */
public record SchemaVersion(String version, int pending, boolean isAhead) {}
