package org.kiln.token;

import java.util.function.BooleanSupplier;

/** Waits for what another thread or process brings about. */
public final class Eventually {

    private static final int MOST_LOOKS = 3_000;

    private Eventually() {}

    /** Returns once {@code condition} holds; gives up after a minute. */
    public static void until(BooleanSupplier condition) throws InterruptedException {
        for (int looks = 0; looks < MOST_LOOKS; looks++) {
            if (condition.getAsBoolean()) {
                return;
            }
            Thread.sleep(20);
        }
        throw new AssertionError("it does not come to be");
    }
}
