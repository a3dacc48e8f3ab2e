package org.kiln.kms.subscriber;

import java.util.Arrays;
import java.util.Optional;

/** The authentication algorithm of a subscriber, by the name it has in files and in the store. */
public enum Algorithm {
    MILENAGE("milenage");

    private final String label;

    Algorithm(String label) {
        this.label = label;
    }

    /** The name in files, such as {@code milenage}. */
    public String label() {
        return label;
    }

    public static Optional<Algorithm> labelled(String label) {
        return Arrays.stream(values()).filter(a -> a.label.equals(label)).findFirst();
    }
}
