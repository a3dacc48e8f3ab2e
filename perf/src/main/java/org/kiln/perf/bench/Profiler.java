package org.kiln.perf.bench;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import one.profiler.AsyncProfiler;
import org.kiln.perf.scratch.NodeProcess;

/** async-profiler in a running node: what its processors had on their stacks, each millisecond. */
final class Profiler {

    /** With which a virtual machine tells the caller of inlined code and not only of the next safepoint. */
    static final List<String> OPTIONS = List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints");

    private static final String LIBRARY = "libasyncProfiler.so";

    /** Where a library lies, and what its copy of a moment is called, is the machine's affair. */
    private static final Pattern FOLDER = Pattern.compile("/[^; ]*/(?:sqlite-[0-9a-f.-]*)?(lib[^;/ ]*)");

    private final Path scratch;

    Profiler(Path scratch) {
        this.scratch = scratch;
    }

    /**
     * The stacks while {@code load} runs: frames from the bottom to the top with semicolons between them, and behind a space how often
     * the stack was seen.
     *
     * @throws BenchException if the profiler is not for this machine, or cannot be attached
     */
    List<String> stacks(NodeProcess node, Supplier<Double> load) {
        Path file = scratch.resolve("stacks.txt");
        try {
            Path library = layOut();
            VirtualMachine machine = VirtualMachine.attach(Long.toString(node.pid()));
            try {
                tell(machine, library, "start,event=cpu,interval=1ms");
                var _ = load.get();
                tell(machine, library, "stop,collapsed,file=" + file);
            } finally {
                machine.detach();
            }
            return Files.readAllLines(file).stream().map(Profiler::tidied).toList();
        } catch (IOException | AttachNotSupportedException e) {
            throw new BenchException("the node cannot be profiled: " + e.getMessage(), e);
        }
    }

    private Path layOut() throws IOException {
        String place = "/linux-" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64") + "/";
        try (InputStream in = AsyncProfiler.class.getResourceAsStream(place + LIBRARY)) {
            if (in == null) {
                throw new BenchException("async-profiler is not for this machine");
            }
            return Files.write(scratch.resolve(LIBRARY), in.readAllBytes());
        }
    }

    private static void tell(VirtualMachine machine, Path library, String command) throws IOException {
        try {
            machine.loadAgentPath(library.toString(), command);
        } catch (AgentLoadException | AgentInitializationException e) {
            throw new BenchException("async-profiler refuses " + command + ": " + e.getMessage(), e);
        }
    }

    static String tidied(String stack) {
        return FOLDER.matcher(stack).replaceAll("$1");
    }
}
