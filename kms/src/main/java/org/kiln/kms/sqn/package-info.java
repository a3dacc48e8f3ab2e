/**
 * Sequence numbers of TS 33.102 Annex C and resynchronisation (clause 6.3.5). Touches nothing.
 */
@NullMarked
package org.kiln.kms.sqn;

import org.jspecify.annotations.NullMarked;
