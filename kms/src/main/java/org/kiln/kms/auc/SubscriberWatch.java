package org.kiln.kms.auc;

import java.util.function.Consumer;
import org.kiln.transfer.numbering.Supi;

/**
 * When a subscriber is asked for more often than a subscription's use explains.
 *
 * @param requests in a window; the next one is told of, once in each window. 0 to count nothing
 * @param windowSeconds after which the count begins anew
 * @param alarm is told whom it is; by an event loop or a lane, and must not wait
 */
public record SubscriberWatch(int requests, int windowSeconds, Consumer<Supi> alarm) {

    /** Counts nothing. */
    public static final SubscriberWatch OFF = new SubscriberWatch(0, 1, supi -> {});

    public SubscriberWatch {
        if (requests < 0 || windowSeconds < 1) {
            throw new IllegalArgumentException("requests are counted in windows of at least a second");
        }
    }
}
