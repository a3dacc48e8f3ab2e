/**
 * The personalisation API: REST under {@code /personalisation/v1}. Each class has the routes of one resource. May touch
 * the rooms below but {@code generation}'s and {@code custody}'s insides.
 */
@NullMarked
package org.kiln.personalisation.api;

import org.jspecify.annotations.NullMarked;
