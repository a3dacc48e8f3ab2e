/**
 * What a card vendor or an HLR operator runs to receive transport keys and open batch files into his own PKCS#11 token.
 *
 * <p>{@link org.kiln.transfer.recipient.RecipientKeys} prepares the token,
 * {@link org.kiln.transfer.recipient.TransportKeyReceiver} takes transport keys,
 * {@link org.kiln.transfer.recipient.BatchOpener} checks and opens files of every format,
 * {@link org.kiln.transfer.recipient.BatchAcknowledger} answers for them,
 * {@link org.kiln.transfer.recipient.BatchRewrapper} wraps them again for another token of the recipient's,
 * {@link org.kiln.transfer.recipient.OpenedBatches} notices those that are sent again, and
 * {@link org.kiln.transfer.recipient.RecipientCommand} is all that on a command line. Values of keys and codes stay in
 * the token, but for keys that come in key blocks: the host opens those, one at a time. Only
 * {@link org.kiln.transfer.recipient.LabReveal} hands values out, where a laboratory allowed it.
 *
 * <p>May touch {@code batch}, {@code output}, {@code envelope}, {@code openpgp}, {@code acknowledgement},
 * {@code keyblock}, {@code tr31} and the rooms of hsm-config; knows nothing of the sender's side.
 */
@NullMarked
package org.kiln.transfer.recipient;

import org.jspecify.annotations.NullMarked;
