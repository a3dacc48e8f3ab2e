/**
 * Credentials for devices that are already in the field: asked for by the device, made in the token, wrapped for that device
 * alone, confirmed by it, and put in the place of an older one only when they are known to work. May touch the rooms of
 * profiles, numbers, partners, orders and generation, and the AuC's subscribers and events.
 */
@NullMarked
package org.kiln.personalisation.identity;

import org.jspecify.annotations.NullMarked;
