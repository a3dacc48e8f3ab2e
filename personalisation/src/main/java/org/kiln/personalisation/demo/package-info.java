/**
 * The whole story once, from an empty folder to a delivered batch and an authenticated card. May touch all rooms.
 */
@NullMarked
package org.kiln.personalisation.demo;

import org.jspecify.annotations.NullMarked;
