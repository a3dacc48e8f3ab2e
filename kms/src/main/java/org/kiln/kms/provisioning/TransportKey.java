package org.kiln.kms.provisioning;

import org.kiln.kms.keys.TransportKeys.Direction;

/**
 * A transport key as the register knows it; the key itself is in the token under the same label.
 *
 * @param octets its length: 16, 24 or 32
 * @param kcvZero check value over a zero block, upper-case hexadecimal
 */
public record TransportKey(String label, String partner, Direction direction, int octets, String kcvZero) {}
