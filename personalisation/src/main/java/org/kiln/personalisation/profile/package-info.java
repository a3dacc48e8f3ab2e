/**
 * What a card is: its authentication, its codes, its keysets, and who gets what of it. Profiles have versions, which do
 * not change. May touch {@code document}.
 */
@NullMarked
package org.kiln.personalisation.profile;

import org.jspecify.annotations.NullMarked;
