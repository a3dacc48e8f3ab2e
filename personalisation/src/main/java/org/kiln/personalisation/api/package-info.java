/**
 * The personalisation API. May touch {@code order}, {@code generation} and {@code output}.
 */
@NullMarked
package org.kiln.personalisation.api;

import org.jspecify.annotations.NullMarked;
