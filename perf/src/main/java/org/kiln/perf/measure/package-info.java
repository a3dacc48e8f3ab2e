/**
 * Short measurements on a scratch SoftHSM token and a scratch database, which go when they end: the costs that the
 * capacity model counts with.
 */
@NullMarked
package org.kiln.perf.measure;

import org.jspecify.annotations.NullMarked;
