package org.kiln.kms.check;

/**
 * One thing that was looked at.
 *
 * @param subject the setting
 * @param text what it is like
 * @param advice what to do; empty where nothing is to be done
 */
public record Finding(Level level, String subject, String text, String advice) {

    /** How bad it is. */
    public enum Level {
        OK,
        /** A node starts and serves; somebody should see to it. */
        WARN,
        /** A node does not start, does not serve somebody, or gives a secret away. */
        ERROR
    }

    @Override
    public String toString() {
        return "%-5s %s: %s%s".formatted(level, subject, text, advice.isEmpty() ? "" : "; " + advice);
    }
}
