package org.kiln.personalisation.document;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules that documents share. A broken one is an IllegalArgumentException that names the member and the rule. */
public final class Rules {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private Rules() {}

    public static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }

    /** The value of a member that must be there. */
    public static <T> T present(String member, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(member + " is missing");
        }
        return value;
    }

    /** A name: 1 to 63 letters, digits, dots, dashes and underlines, the first a letter or digit. */
    public static String name(String member, @Nullable String value) {
        String name = present(member, value);
        require(NAME.matcher(name).matches(), member + " has 1 to 63 letters, digits, dots, dashes, underlines");
        return name;
    }

    /** A list without holes; an absent one is empty. */
    public static <T> List<T> list(String member, @Nullable List<T> value) {
        if (value == null) {
            return List.of();
        }
        require(value.stream().allMatch(item -> item != null), member + " has an empty entry");
        return List.copyOf(value);
    }

    /** A map without holes; an absent one is empty. */
    public static <K, V> Map<K, V> map(String member, @Nullable Map<K, V> value) {
        if (value == null) {
            return Map.of();
        }
        require(value.values().stream().allMatch(item -> item != null), member + " has an empty entry");
        return Map.copyOf(value);
    }
}
