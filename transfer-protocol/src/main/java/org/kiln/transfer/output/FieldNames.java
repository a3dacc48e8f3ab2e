package org.kiln.transfer.output;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules of the names in templates. */
final class FieldNames {

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._:-]{0,63}");

    private FieldNames() {}

    static void require(@Nullable String name) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the name of a field is not of the form " + NAME.pattern());
        }
    }

    static void present(String what, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException(what + " is missing");
        }
    }
}
