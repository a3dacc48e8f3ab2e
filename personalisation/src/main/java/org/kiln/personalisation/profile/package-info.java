/**
 * What a card is: its algorithm, its codes, its OTA keysets. Data only.
 */
@NullMarked
package org.kiln.personalisation.profile;

import org.jspecify.annotations.NullMarked;
