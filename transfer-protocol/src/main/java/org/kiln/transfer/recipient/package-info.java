/**
 * What a card vendor or an AuC operator runs to receive transport keys and open batch files into his own PKCS#11 token.
 * May touch {@code batch}, {@code envelope} and the token rooms of hsm-config; knows nothing of the sender's side.
 */
@NullMarked
package org.kiln.transfer.recipient;

import org.jspecify.annotations.NullMarked;
