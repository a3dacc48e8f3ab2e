/**
 * The files that a finished batch becomes: which columns each recipient gets, and the file itself, signed and encrypted.
 * May touch {@code order}, {@code partner} and {@code profile}.
 */
@NullMarked
package org.kiln.personalisation.output;

import org.jspecify.annotations.NullMarked;
