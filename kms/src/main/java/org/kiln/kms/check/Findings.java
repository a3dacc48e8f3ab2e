package org.kiln.kms.check;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What is found, in the order in which it is. */
public final class Findings {

    private final List<Finding> found = new ArrayList<>();

    void ok(String subject, String text) {
        found.add(new Finding(Finding.Level.OK, subject, text, ""));
    }

    void warn(String subject, String text, String advice) {
        found.add(new Finding(Finding.Level.WARN, subject, text, advice));
    }

    void error(String subject, String text, String advice) {
        found.add(new Finding(Finding.Level.ERROR, subject, text, advice));
    }

    /** For messages that say what to do in themselves. */
    void error(String subject, Throwable why) {
        error(subject, String.valueOf(why.getMessage()), "");
    }

    public List<Finding> all() {
        return Collections.unmodifiableList(found);
    }

    /** How many are of a level. */
    public long count(Finding.Level level) {
        return found.stream().filter(each -> each.level() == level).count();
    }

    /** 0 where all is well, 1 where something is to be seen to, 2 where something is wrong. */
    public int exitCode() {
        if (count(Finding.Level.ERROR) > 0) {
            return 2;
        }
        return count(Finding.Level.WARN) > 0 ? 1 : 0;
    }
}
