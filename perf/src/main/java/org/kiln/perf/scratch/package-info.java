/** Data folders and nodes that are made for a measurement, and go with it. */
@NullMarked
package org.kiln.perf.scratch;

import org.jspecify.annotations.NullMarked;
