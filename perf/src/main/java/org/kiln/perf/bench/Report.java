package org.kiln.perf.bench;

import java.util.List;

/**
 * What a run found.
 *
 * @param machine processor, cores, memory, system
 * @param software versions of what was measured
 * @param begun ISO 8601
 * @param command as it was given
 * @param load the load average before and after: what else the machine did
 * @param figures in the order in which they were measured
 * @param targets ratios of them
 * @param leftOut what was not measured, and why
 */
public record Report(
        String machine,
        List<String> software,
        String begun,
        String command,
        String load,
        List<Figure> figures,
        List<Target> targets,
        List<String> leftOut) {

    public Report {
        software = List.copyOf(software);
        figures = List.copyOf(figures);
        targets = List.copyOf(targets);
        leftOut = List.copyOf(leftOut);
    }
}
