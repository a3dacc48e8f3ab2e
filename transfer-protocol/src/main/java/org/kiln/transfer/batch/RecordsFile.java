package org.kiln.transfer.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;

/**
 * The second entry of a batch file, where it is not {@code records.csv} of Kiln's own form.
 *
 * @param name the entry's name: lower-case letters, digits and hyphens, a dot, and two to five lower-case letters
 * @param format its format, with the template by which it is read: an object whose member {@code type} names the format
 */
public record RecordsFile(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) ObjectNode format) {

    /** The member of {@link #format} that names the format. */
    public static final String TYPE = "type";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}\\.[a-z]{2,5}");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one breaks a rule above
     */
    public RecordsFile {
        Rules.require(
                name != null && NAME.matcher(name).matches() && !name.equals(BatchFile.MANIFEST),
                "the name of the records is not of the form " + NAME.pattern());
        Rules.present("format of the records", format);
        Rules.require(format.path(TYPE).isTextual(), "format of the records has no type");
    }

    /** Name and type. */
    @Override
    public String toString() {
        return "RecordsFile[" + name + ", " + format.path(TYPE).asText() + "]";
    }
}
