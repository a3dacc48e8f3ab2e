package org.kiln.perf;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.kiln.kms.aka.AuthenticationVector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * One authentication in this process: {@code VectorGenerator} over the {@code java.lang.foreign} binding and a real
 * SoftHSM token, with no lane, store or network around it. A score counts authentications, whatever the number of
 * vectors in each.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
public class VectorBenchmark {

    /** Vectors in each authentication. */
    @Param({"1", "5"})
    int vectors;

    /** The subscriber's Ki lies wrapped in the store: unwrap, compute, destroy. */
    @Benchmark
    public List<AuthenticationVector> cold(AuthenticationCaller caller) {
        long ki = caller.bringKiIntoUse();
        try {
            return caller.vectors(ki, vectors);
        } finally {
            caller.destroy(ki);
        }
    }

    /** The subscriber's Ki is in use already. */
    @Benchmark
    public List<AuthenticationVector> hot(AuthenticationCaller caller) {
        return caller.vectors(caller.keptKi(), vectors);
    }

    /** TUAK, as the guarded host computes it. */
    @Benchmark
    public List<AuthenticationVector> tuak(TuakCaller caller) {
        return caller.vectors(vectors);
    }

    /**
     * Runs this benchmark with the GC profiler.
     *
     * @param arguments JMH's own, such as {@code -t 2} or {@code -p vectors=5}
     */
    public static void main(String[] arguments) throws RunnerException, CommandLineOptionException {
        new Runner(new OptionsBuilder()
                        .parent(new CommandLineOptions(arguments))
                        .include("\\b" + VectorBenchmark.class.getSimpleName() + "\\b")
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
    }
}
