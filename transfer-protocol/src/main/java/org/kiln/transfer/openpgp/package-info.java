/**
 * The envelope for partners who have OpenPGP and no CMS: signed, then encrypted (RFC 4880, RFC 6637; what GnuPG reads).
 *
 * <p>A message is a public-key encrypted session key for each recipient (RSA of at least 2048 bits, ECDH on Curve25519 or
 * P-256), then integrity-protected data (SEIPD version 1: AES-256 in CFB mode with a modification detection code), in it a
 * one-pass signature by ECDSA P-256 with SHA-256 over the literal content. Nothing is compressed; what others compressed
 * by ZIP or ZLIB is read.
 *
 * <p>Keys may live in a token and are used through their JCA provider. Packets are walked in constant memory, each small
 * one bounded before Bouncy Castle parses it. Partners' certificates are compared by fingerprint, by another way. Touches
 * Bouncy Castle and the JCA; knows nothing of what the content is.
 */
@NullMarked
package org.kiln.transfer.openpgp;

import org.jspecify.annotations.NullMarked;
