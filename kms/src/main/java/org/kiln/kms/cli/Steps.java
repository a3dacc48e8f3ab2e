package org.kiln.kms.cli;

import org.jspecify.annotations.Nullable;

/** Progress of a work of several steps: a {@link Progress} for each, one after another. */
final class Steps implements AutoCloseable {

    private @Nullable Progress bar;
    private String step = "";

    /** @param newStep another than the last ends the last */
    void reach(String newStep, String unit, long done, long of) {
        if (bar == null || !step.equals(newStep)) {
            close();
            step = newStep;
            bar = new Progress(newStep, unit, of);
        }
        bar.reach(Math.min(done, of));
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
