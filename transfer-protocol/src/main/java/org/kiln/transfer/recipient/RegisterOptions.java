package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.Manifest;
import picocli.CommandLine.Option;

/** Where the opened batches are written down. */
final class RegisterOptions {

    @Option(
            names = "--register",
            paramLabel = "DIR",
            description = "a folder where the batches opened are written down, so that one sent again is refused")
    private @Nullable Path folder;

    @Option(names = "--again", description = "open a batch that the register says was opened before")
    private boolean again;

    /** What is done with a batch once it is known to be new. */
    interface Task {
        void run() throws IOException;
    }

    /** Runs the task, unless the batch was opened before, and writes it down when the task has succeeded. */
    void once(BatchOpener.CheckedBatch checked, PrintWriter out, Task task) throws IOException {
        once(checked.manifest(), checked.sha256(), out, task);
    }

    /** As above, of a file with this SHA-256. */
    void once(Manifest manifest, String sha256, PrintWriter out, Task task) throws IOException {
        if (folder == null) {
            out.println("register            none: a batch sent again is not noticed (--register DIR)");
            task.run();
            return;
        }
        try (OpenedBatches register = OpenedBatches.in(folder, InstantSource.system())) {
            if (!again) {
                register.requireNew(manifest, sha256);
            }
            task.run();
            register.record(manifest, sha256);
        }
    }
}
