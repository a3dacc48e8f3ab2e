/**
 * What happened to a thing, in the order in which it happened, and who did it. Rows are added only.
 */
@NullMarked
package org.kiln.personalisation.journal;

import org.jspecify.annotations.NullMarked;
