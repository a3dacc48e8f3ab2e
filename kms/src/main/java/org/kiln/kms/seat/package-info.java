/**
 * Which of the nodes that share a store this process is, and for how long: its number, and the ceiling of sequence numbers that
 * goes with it.
 */
@NullMarked
package org.kiln.kms.seat;

import org.jspecify.annotations.NullMarked;
