/**
 * The commands of {@code kiln} that concern keys and subscribers. May touch all rooms below.
 */
@NullMarked
package org.kiln.kms.cli;

import org.jspecify.annotations.NullMarked;
