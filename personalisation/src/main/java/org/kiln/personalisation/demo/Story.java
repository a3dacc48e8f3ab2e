package org.kiln.personalisation.demo;

import java.io.PrintStream;

/** Tells what the demo does, in numbered steps. */
final class Story {

    private final PrintStream out;
    private int step;

    Story(PrintStream out) {
        this.out = out;
    }

    void step(String title) {
        out.printf("%n%d. %s%n", ++step, title);
        out.flush();
    }

    void tell(String format, Object... values) {
        out.printf(format.isEmpty() ? "%n" : "   " + format + "%n", values);
        out.flush();
    }
}
