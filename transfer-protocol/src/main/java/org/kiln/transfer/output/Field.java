package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/** One place in the rows of a template. As JSON its members tell which kind it is. */
@JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
@JsonSubTypes({
    @JsonSubTypes.Type(Field.Value.class),
    @JsonSubTypes.Type(Field.Constant.class),
    @JsonSubTypes.Type(Field.OfKey.class)
})
public sealed interface Field {

    /** The name that the file gives it: letters, digits, {@code . _ : -}, at most 64, beginning with a letter. */
    String name();

    /**
     * A column's value.
     *
     * @param column the column
     * @param coding how it stands; null for {@link Coding#PLAIN}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Value(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) String column,
            @Nullable Coding coding)
            implements Field {

        public Value {
            FieldNames.require(name);
            FieldNames.present("column of field " + name, column);
            if (coding == Coding.SWAPPED && !Numbers.SWAPPABLE.contains(column)) {
                throw new IllegalArgumentException("column " + column + " holds no number that cards take swapped");
            }
        }

        /** A column under its own name. */
        public static Value of(String column) {
            return new Value(column, column, null);
        }

        boolean swapped() {
            return coding == Coding.SWAPPED;
        }
    }

    /**
     * The same in every row.
     *
     * @param constant the text
     */
    record Constant(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) String constant) implements Field {

        public Constant {
            FieldNames.require(name);
            FieldNames.present("constant of field " + name, constant);
        }
    }

    /**
     * What is told of the transport key of a column, in every row.
     *
     * @param keyOf the wrapped column
     * @param part what is told
     */
    record OfKey(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) String keyOf,
            @JsonProperty(required = true) KeyPart part)
            implements Field {

        public OfKey {
            FieldNames.require(name);
            FieldNames.present("keyOf of field " + name, keyOf);
            FieldNames.present("part of field " + name, part);
        }
    }
}
