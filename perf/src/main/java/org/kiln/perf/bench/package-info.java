/**
 * {@code kiln bench}: the token's ceiling, Kiln in process and over the wire, and a peer, all measured in one run on one
 * machine, so that ratios hold whatever the machine.
 */
@NullMarked
package org.kiln.perf.bench;

import org.jspecify.annotations.NullMarked;
