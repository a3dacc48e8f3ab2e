/**
 * A client of Kiln's APIs, for the commands and the demo. Knows no room of the server.
 */
@NullMarked
package org.kiln.personalisation.client;

import org.jspecify.annotations.NullMarked;
