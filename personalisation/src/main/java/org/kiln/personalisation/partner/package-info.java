/**
 * Who gets files: card vendors, other AuCs, OTA platforms, customer care; under which certificate and transport key, and
 * in which format. May touch {@code document} and,
 * of kms, {@code approval}, which has the codes of rows.
 */
@NullMarked
package org.kiln.personalisation.partner;

import org.jspecify.annotations.NullMarked;
