/**
 * A day of a network, played request by request on what the capacity model counts with: arrivals, caches, queues, lost
 * nodes, a storm. It shares traffic, costs and deployment with the model, and none of its formulae.
 */
@NullMarked
package org.kiln.perf.simulation;

import org.jspecify.annotations.NullMarked;
