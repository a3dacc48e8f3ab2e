package org.kiln.kms.cli;

import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error. */
public final class Progress implements AutoCloseable {

    private static final int REDRAW_MS = 200;

    private final ProgressBar bar;

    /** @param total what 100 % is; negative if unknown */
    public Progress(String task, String unit, long total) {
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" " + unit, 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REDRAW_MS)
                .setMaxRenderedLength(100)
                .showSpeed()
                .build();
    }

    public void reach(long done) {
        bar.stepTo(done);
    }

    /** How long it has been under way. */
    public Duration elapsed() {
        return bar.getTotalElapsed();
    }

    @Override
    public void close() {
        bar.close();
    }
}
