/**
 * Makes the keys of a batch in the token, card by card, in a way that a crash cannot spoil. May touch
 * {@code order} and {@code output}.
 */
@NullMarked
package org.kiln.personalisation.generation;

import org.jspecify.annotations.NullMarked;
