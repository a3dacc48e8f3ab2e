/**
 * Who gets files: card vendors, other AuCs, OTA platforms, customer care; under which certificate and transport key, and
 * in which format. May touch {@code document}.
 */
@NullMarked
package org.kiln.personalisation.partner;

import org.jspecify.annotations.NullMarked;
