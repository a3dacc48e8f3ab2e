/**
 * The {@code kiln} command. May touch all rooms.
 */
@NullMarked
package org.kiln.personalisation.cli;

import org.jspecify.annotations.NullMarked;
