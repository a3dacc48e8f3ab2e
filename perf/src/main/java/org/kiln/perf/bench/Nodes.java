package org.kiln.perf.bench;

import java.io.IOException;
import java.util.List;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/** Nodes as a measurement wants them. */
final class Nodes {

    private Nodes() {}

    /** Starts a node with memory for the keys of so many subscribers, with listeners for HTTP without TLS and for GSUP. */
    static NodeProcess start(ScratchData data, int activeSubscribers) {
        return start(data, activeSubscribers, List.of());
    }

    /** As {@link #start(ScratchData, int)}, with options for its virtual machine. */
    static NodeProcess start(ScratchData data, int activeSubscribers, List<String> virtualMachine) {
        data.configure("  activeSubscribers: .*", "  activeSubscribers: " + activeSubscribers);
        try {
            return NodeProcess.start(data.folder().root(), virtualMachine, "--lab", "--lab-port", "0");
        } catch (IOException e) {
            throw new BenchException("kiln up does not come up: " + e.getMessage(), e);
        }
    }
}
