/**
 * Orders: what a vendor asks for, who approved it, how far it has come, what became of each file, and the cards made. May
 * touch {@code profile}, {@code partner}, {@code numbering} and {@code document}.
 */
@NullMarked
package org.kiln.personalisation.order;

import org.jspecify.annotations.NullMarked;
