/**
 * Configuration, the data folder, TLS, wiring and start-up. May touch all rooms below.
 */
@NullMarked
package org.kiln.kms.server;

import org.jspecify.annotations.NullMarked;
