/**
 * What a vendor orders and how far it has come; numbers given to cards. May touch {@code profile}.
 */
@NullMarked
package org.kiln.personalisation.order;

import org.jspecify.annotations.NullMarked;
