/**
 * What becomes of a batch once it is made: its subscribers are activated, its files destroyed, and a report says what is
 * still held. May touch {@code order}, {@code output} and {@code numbering}.
 */
@NullMarked
package org.kiln.personalisation.custody;

import org.jspecify.annotations.NullMarked;
