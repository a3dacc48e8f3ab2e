/**
 * The personalisation API: REST under {@code /personalisation/v1}. Each class has the routes of one resource. May touch
 * all rooms below.
 */
@NullMarked
package org.kiln.personalisation.api;

import org.jspecify.annotations.NullMarked;
