package org.kiln.kms.hsm;

import java.time.Duration;

/**
 * How a token is worked.
 *
 * @param lanes sessions that work at the same time
 * @param queue tasks that may wait for each
 * @param deadline how long one call of the token may last
 */
public record LaneSettings(int lanes, int queue, Duration deadline) {}
