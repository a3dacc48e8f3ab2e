package org.kiln.perf.plan;

/**
 * One line of a plan.
 *
 * @param group under which it stands
 * @param name in words
 * @param symbol as in docs/scale.md
 * @param value in {@code unit}
 * @param unit such as {@code 1/s} or {@code GB}; empty for a number
 * @param formula in symbols
 * @param computation the same with the figures put in
 */
public record Figure(
        String group, String name, String symbol, double value, String unit, String formula, String computation) {}
