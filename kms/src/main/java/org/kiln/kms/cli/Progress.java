package org.kiln.kms.cli;

import java.io.Console;
import java.time.Duration;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Progress on standard error: a bar where a person looks, else a line for each tenth of a longer work. */
public final class Progress implements AutoCloseable {

    private static final int REDRAW_MS = 200;
    private static final int WORTH_LINES = 100;

    private final String unit;
    private final long total;
    private final @Nullable ProgressBar bar;
    private final long began = System.nanoTime();
    private long first = -1;
    private long nextTenth = 1;

    /** @param total what 100 % is */
    public Progress(String task, String unit, long total) {
        this.unit = unit;
        this.total = total;
        bar = atTerminal() ? newBar(task, unit, total) : null;
    }

    private static boolean atTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private static ProgressBar newBar(String task, String unit, long total) {
        return new ProgressBarBuilder()
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
        if (first < 0) {
            first = done;
        }
        if (bar != null) {
            bar.stepTo(done);
        } else if (total >= WORTH_LINES && 10 * done >= nextTenth * total) {
            nextTenth = 10 * done / total + 1;
            System.err.printf(
                    "kiln: %3d %%  %d of %d %s%s%n", 100 * done / total, done, total, unit, pace(done - first, done));
        }
    }

    /** What is done in a second, and how long the rest takes at that. */
    private String pace(long since, long done) {
        long seconds = (System.nanoTime() - began) / 1_000_000_000;
        if (seconds == 0 || since <= 0) {
            return "";
        }
        return ", " + since / seconds + " a second, "
                + Duration.ofSeconds((total - done) * seconds / since)
                        .toString()
                        .substring(2) + " left";
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
