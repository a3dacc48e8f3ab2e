package org.kiln.transfer.batch;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules that parts of the manifest share. A broken one is an IllegalArgumentException that names part and rule. */
final class Rules {

    private static final int MAX_NAME = 128;
    private static final Pattern KCV = Pattern.compile("(?:[0-9A-F]{2}){3,5}");

    private Rules() {}

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    static void present(String what, @Nullable Object value) {
        require(value != null, what + " is missing");
    }

    static void name(String what, @Nullable String value) {
        require(
                value != null
                        && !value.isBlank()
                        && value.length() <= MAX_NAME
                        && value.chars().noneMatch(Character::isISOControl),
                what + " is not 1 to " + MAX_NAME + " printable characters");
    }

    static void kcv(String what, @Nullable String value) {
        require(isKcv(value), what + " is not 6 to 10 upper-case hexadecimal digits");
    }

    static boolean isKcv(@Nullable String value) {
        return value != null && KCV.matcher(value).matches();
    }
}
