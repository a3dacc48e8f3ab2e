/**
 * The files that a finished batch becomes. May touch {@code order}.
 */
@NullMarked
package org.kiln.personalisation.output;

import org.jspecify.annotations.NullMarked;
