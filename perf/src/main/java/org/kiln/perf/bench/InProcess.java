package org.kiln.perf.bench;

import java.util.Collection;
import java.util.List;
import org.kiln.perf.VectorBenchmark;
import org.kiln.pkcs11.Binding;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** {@link VectorBenchmark}, run by JMH in a process of its own. */
final class InProcess {

    private static final int WARM_UPS = 3;
    private static final int ITERATIONS = 3;

    private final int seconds;

    InProcess(int seconds) {
        this.seconds = seconds;
    }

    /**
     * What one benchmark came to.
     *
     * @param perSecond authentications
     * @param octets allocated on the heap for each
     */
    record Score(double perSecond, double octets) {}

    /**
     * One benchmark with its parameters.
     *
     * @param mode {@code cold}, {@code hot} or {@code tuak}
     */
    record Run(String mode, Binding binding, int vectors, int threads) {

        /** As it is put into a report. */
        String command() {
            return "JMH, VectorBenchmark." + mode + " -p vectors=" + vectors + " -p binding=" + binding + " -t "
                    + threads + " -prof gc";
        }
    }

    Score score(Run run) {
        try {
            Collection<RunResult> results = new Runner(new OptionsBuilder()
                            .include("\\b" + VectorBenchmark.class.getSimpleName() + "\\." + run.mode + "$")
                            .param("vectors", Integer.toString(run.vectors))
                            .param("binding", run.binding.name())
                            .threads(run.threads)
                            .warmupIterations(WARM_UPS)
                            .warmupTime(TimeValue.seconds(Math.max(1, seconds / 2)))
                            .measurementIterations(ITERATIONS)
                            .measurementTime(TimeValue.seconds(seconds))
                            .addProfiler(GCProfiler.class)
                            .verbosity(VerboseMode.SILENT)
                            .shouldFailOnError(true)
                            .build())
                    .run();
            RunResult result = List.copyOf(results).getFirst();
            return new Score(result.getPrimaryResult().getScore(), allocated(result));
        } catch (RunnerException e) {
            throw new BenchException("JMH failed: " + e.getMessage(), e);
        }
    }

    private static double allocated(RunResult result) {
        for (String name : result.getSecondaryResults().keySet()) {
            if (name.endsWith("gc.alloc.rate.norm")) {
                return result.getSecondaryResults().get(name).getScore();
            }
        }
        return Double.NaN;
    }
}
