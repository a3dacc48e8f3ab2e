package org.kiln.perf.bench;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import one.profiler.AsyncProfiler;
import org.kiln.perf.scratch.NodeProcess;

/** async-profiler in a running node: where its processors' time goes, as shares and as a flame graph. */
final class Profiler {

    private static final String SAMPLING = "start,event=cpu,interval=1ms";
    /** Frames of less are left out of the graph, in percent. */
    private static final double LEAST_WIDTH = 0.25;

    private final Path library;
    private final Path scratch;

    /** @throws BenchException if the library is not for this machine */
    Profiler(Path scratch) {
        this.scratch = scratch;
        library = scratch.resolve("libasyncProfiler.so");
        String place = "/linux-" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64") + "/";
        try (InputStream in = AsyncProfiler.class.getResourceAsStream(place + library.getFileName())) {
            if (in == null) {
                throw new BenchException("async-profiler is not for this machine");
            }
            Files.write(library, in.readAllBytes());
        } catch (IOException e) {
            throw new BenchException("async-profiler cannot be laid out: " + e.getMessage(), e);
        }
    }

    /**
     * Shares of processor time while {@code load} runs.
     *
     * @param title of the flame graph
     * @param graph where it goes
     */
    Map<Work, Double> shares(NodeProcess node, Supplier<Double> load, String title, Path graph) {
        Path stacks = scratch.resolve("stacks.txt");
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(node.pid()));
            try {
                tell(machine, SAMPLING);
                var _ = load.get();
                tell(machine, "dump,collapsed,file=" + stacks);
                tell(machine, "stop,flamegraph,minwidth=" + LEAST_WIDTH + ",title=" + title + ",file=" + graph);
            } finally {
                machine.detach();
            }
            return shares(Files.readAllLines(stacks));
        } catch (IOException | AttachNotSupportedException e) {
            throw new BenchException("the node cannot be profiled: " + e.getMessage(), e);
        }
    }

    private void tell(VirtualMachine machine, String command) throws IOException {
        try {
            machine.loadAgentPath(library.toString(), command);
        } catch (AgentLoadException | AgentInitializationException e) {
            throw new BenchException("async-profiler refuses " + command + ": " + e.getMessage(), e);
        }
    }

    /** @param stacks each with the number of its samples behind a space */
    static Map<Work, Double> shares(List<String> stacks) {
        Map<Work, Double> samples = new EnumMap<>(Work.class);
        double all = 0;
        for (String line : stacks) {
            int end = line.lastIndexOf(' ');
            double count = Double.parseDouble(line.substring(end + 1));
            samples.merge(Work.of(line.substring(0, end)), count, Double::sum);
            all += count;
        }
        double total = all;
        samples.replaceAll((_, count) -> count / total);
        return samples;
    }
}
