package org.kiln.perf.bench;

import java.io.IOException;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/** Nodes as a measurement wants them. */
final class Nodes {

    private Nodes() {}

    /** Starts a node with memory for the keys of so many subscribers, with listeners for HTTP without TLS and for GSUP. */
    static NodeProcess start(ScratchData data, int activeSubscribers) {
        data.configure("  activeSubscribers: .*", "  activeSubscribers: " + activeSubscribers);
        try {
            return NodeProcess.start(data.folder().root(), "--lab", "--lab-port", "0");
        } catch (IOException e) {
            throw new BenchException("kiln up does not come up: " + e.getMessage(), e);
        }
    }
}
