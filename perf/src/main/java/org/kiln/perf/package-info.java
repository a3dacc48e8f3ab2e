/**
 * Measures Kiln against what its token can do. Benchmarks make tokens of their own and throw them away.
 */
@NullMarked
package org.kiln.perf;

import org.jspecify.annotations.NullMarked;
