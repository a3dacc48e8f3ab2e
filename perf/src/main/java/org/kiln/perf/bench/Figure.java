package org.kiln.perf.bench;

/**
 * One thing that was measured.
 *
 * @param id by which ratios name it, such as {@code http.eps5.hot}
 * @param what in words
 * @param value in {@code unit}
 * @param unit such as {@code requests/s}
 * @param how the command, or what was done
 */
public record Figure(String id, String what, double value, String unit, String how) {}
