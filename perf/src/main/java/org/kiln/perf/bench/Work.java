package org.kiln.perf.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a node's processors do for a request, told by the code that is on their stacks. */
enum Work {
    /** Calls of the token, the binding, and all that the module does. */
    TOKEN("the token"),
    /** The database and the record's MAC. */
    STORE("the store"),
    /** Milenage, key derivation, sequence numbers, whose keys are in use. */
    VECTORS("vectors and sequence numbers"),
    /** JSON, HTTP/2 frames and headers, routes. */
    CODEC("JSON and HTTP/2"),
    /** Sockets and the event loops. */
    NETWORK("the network"),
    /** Queues between threads, and the virtual machine's own work: compiling, garbage. */
    RUNTIME("queues and the virtual machine");

    private final String what;

    Work(String what) {
        this.what = what;
    }

    String what() {
        return what;
    }

    /** How frames of this work begin. */
    private List<String> frames() {
        return switch (this) {
            case TOKEN -> List.of("org/kiln/pkcs11/", "org/kiln/kms/hsm/GuardedSession", "libsofthsm", "libcrypto");
            case STORE ->
                List.of(
                        "org/kiln/kms/store/",
                        "org/kiln/kms/subscriber/",
                        "org/sqlite/",
                        "libsqlite",
                        "com/zaxxer/",
                        "java/sql/");
            case VECTORS ->
                List.of("org/kiln/kms/aka/", "org/kiln/kms/auc/", "org/kiln/kms/sqn/", "org/kiln/kms/keys/");
            case CODEC ->
                List.of(
                        "org/kiln/kms/api/",
                        "org/kiln/kms/server/",
                        "org/kiln/kms/access/",
                        "com/fasterxml/jackson/",
                        "io/netty/handler/codec/",
                        "io/vertx/core/http/",
                        "io/vertx/core/json/",
                        "io/vertx/ext/web/");
            case NETWORK -> List.of("io/netty/", "io/vertx/", "sun/nio/ch/");
            case RUNTIME -> List.of();
        };
    }

    /**
     * The work of a stack: of the frame nearest to its top that is of any.
     *
     * @param stack frames from the bottom to the top, with semicolons between them
     */
    static Work of(String stack) {
        String[] frames = stack.split(";", -1);
        for (int i = frames.length - 1; i >= 0; i--) {
            for (Work work : values()) {
                if (work.frames().stream().anyMatch(frames[i]::startsWith)) {
                    return work;
                }
            }
        }
        return RUNTIME;
    }

    /** Shares of the samples, where there are any; each stack has its number of samples behind a space. */
    static Map<Work, Double> shares(List<String> stacks) {
        Map<Work, Double> samples = new EnumMap<>(Work.class);
        double all = 0;
        for (String line : stacks) {
            int end = line.lastIndexOf(' ');
            double count = Double.parseDouble(line.substring(end + 1));
            samples.merge(of(line.substring(0, end)), count, Double::sum);
            all += count;
        }
        double total = all;
        samples.replaceAll((_, count) -> count / total);
        return samples;
    }
}
