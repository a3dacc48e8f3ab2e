/** {@code kiln plan} and what belongs to it. */
@NullMarked
package org.kiln.perf.cli;

import org.jspecify.annotations.NullMarked;
