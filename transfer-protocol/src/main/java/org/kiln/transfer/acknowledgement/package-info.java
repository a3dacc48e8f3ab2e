/**
 * The recipient's signed answer to a batch: accepted or rejected, and why.
 *
 * <p>JSON of one object, {@code kiln-acknowledgement/1}, as the content of CMS SignedData (RFC 5652), signed by ECDSA P-256
 * with the key of the recipient's envelope certificate. It names order and batch and the digest of the manifest, and so all
 * that the batch says; the sender refuses one that is about anything else.
 *
 * <p>May touch {@code envelope}, which signs and verifies; knows nothing of tokens.
 */
@NullMarked
package org.kiln.transfer.acknowledgement;

import org.jspecify.annotations.NullMarked;
