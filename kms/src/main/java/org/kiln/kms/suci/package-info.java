/**
 * Subscription concealed identifiers (TS 33.501 clause 6.12 and Annex C, TS 23.003 clause 2.2B): what a SUCI says, the
 * home network's keys and their lives, and de-concealment with the private keys in the token.
 */
@NullMarked
package org.kiln.kms.suci;

import org.jspecify.annotations.NullMarked;
