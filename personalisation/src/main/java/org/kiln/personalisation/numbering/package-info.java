/**
 * Numbers of cards, subscribers, telephones and eUICCs: ranges that belong to an operator, and which of each are taken.
 * No number is given twice, whatever crashes. May touch {@code document} and,
 * of kms, {@code approval}, which has the codes of rows.
 */
@NullMarked
package org.kiln.personalisation.numbering;

import org.jspecify.annotations.NullMarked;
