/**
 * A transport key on its way from one side to the other, as a file. Touches no other room: both sides' tokens work with
 * what it holds.
 */
@NullMarked
package org.kiln.transfer.keyblock;

import org.jspecify.annotations.NullMarked;
