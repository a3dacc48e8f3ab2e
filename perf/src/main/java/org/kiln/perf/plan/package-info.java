/**
 * The capacity model: what traffic, measured costs and a deployment come to in nodes, tokens, disk and network. Pure
 * computation; the formulae and their symbols are those of docs/scale.md.
 */
@NullMarked
package org.kiln.perf.plan;

import org.jspecify.annotations.NullMarked;
