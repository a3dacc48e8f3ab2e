package org.kiln.kms.copy;

/**
 * What a table holds.
 *
 * @param table its name
 * @param rows how many
 * @param sha256 64 hexadecimal digits: the sum of the SHA-256 of each row, in four parts of 64 bits each modulo 2^64, so that
 *     neither the order of the rows nor the engine matters
 */
public record TableDigest(String table, long rows, String sha256) {}
