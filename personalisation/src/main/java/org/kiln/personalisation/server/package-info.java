/**
 * Wires the personalisation centre and the authentication centre into one process. May touch all rooms below.
 */
@NullMarked
package org.kiln.personalisation.server;

import org.jspecify.annotations.NullMarked;
