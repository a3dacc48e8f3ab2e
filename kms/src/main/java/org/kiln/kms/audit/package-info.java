/**
 * The record of what was done, by whom: entries chained by their hashes, checkpoints that the token signs, and the verifier that
 * needs the public key alone.
 */
@NullMarked
package org.kiln.kms.audit;

import org.jspecify.annotations.NullMarked;
