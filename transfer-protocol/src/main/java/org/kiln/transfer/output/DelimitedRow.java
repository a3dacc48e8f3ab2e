package org.kiln.transfer.output;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.numbering.NumberingException;

/** One row of a template: its fields with a separator between them. */
final class DelimitedRow {

    private static final int MAX_FIELDS = 256;

    private final String file;
    private final List<Field> fields;
    private final Separator separator;
    private final OutputHeader header;
    private final Map<String, String> fixed;

    /** @throws IllegalArgumentException if a fixed value cannot stand in such a row */
    DelimitedRow(String file, List<Field> fields, Separator separator, OutputHeader header) {
        this.file = file;
        this.fields = fields;
        this.separator = separator;
        this.header = header;
        this.fixed = fields.stream()
                .filter(field -> !(field instanceof Field.Value))
                .collect(Collectors.toMap(Field::name, this::fixed));
        fixed.forEach((name, value) -> {
            if (!fits(value)) {
                throw new IllegalArgumentException("field " + name + " holds the separator, or nothing");
            }
        });
    }

    /**
     * Rules of every template, when it is made.
     *
     * @throws IllegalArgumentException if there are no fields, or too many, or two of a name or of a column
     */
    static List<Field> checked(List<? extends Field> fields) {
        if (fields == null || fields.isEmpty() || fields.size() > MAX_FIELDS) {
            throw new IllegalArgumentException("a template has 1 to " + MAX_FIELDS + " fields");
        }
        Set<String> seen = new HashSet<>();
        for (Field field : fields) {
            if (!seen.add("name " + field.name())
                    || (field instanceof Field.Value value && !seen.add("column " + value.column()))) {
                throw new IllegalArgumentException("field " + field.name() + " or its column stands twice");
            }
        }
        return List.copyOf(fields);
    }

    /**
     * The columns that a template takes out of those offered.
     *
     * @throws IllegalArgumentException if one is not offered
     */
    static List<Column> columns(List<? extends Field> fields, List<Column> offered) {
        Map<String, Column> byName = offered.stream().collect(Collectors.toMap(Column::name, column -> column));
        List<Column> columns = new ArrayList<>();
        for (Field field : fields) {
            if (field instanceof Field.Value value) {
                Column column = byName.get(value.column());
                if (column == null) {
                    throw new IllegalArgumentException(
                            "the template wants column " + value.column() + ", which the cards do not have");
                }
                columns.add(column);
            }
        }
        return columns;
    }

    String names(char between) {
        return fields.stream().map(Field::name).collect(Collectors.joining(String.valueOf(between)));
    }

    String format(long line, Map<String, String> row) throws BatchFormatException {
        StringBuilder text = new StringBuilder(256);
        for (Field field : fields) {
            if (!text.isEmpty()) {
                text.append(separator.character());
            }
            text.append(value(line, field, row));
        }
        return text.toString();
    }

    private String value(long line, Field field, Map<String, String> row) throws BatchFormatException {
        if (!(field instanceof Field.Value of)) {
            return fixed.getOrDefault(field.name(), "");
        }
        String value = row.getOrDefault(of.column(), "");
        if (of.swapped()) {
            try {
                return Numbers.swapped(of.column(), value);
            } catch (IllegalArgumentException e) {
                throw BatchFormatException.value(file, line, of.column(), message(e));
            }
        }
        if (!fits(value)) {
            throw BatchFormatException.value(
                    file, line, of.column(), "the value holds the separator, or is empty where that is a space");
        }
        return value;
    }

    /** The values by column. */
    Map<String, String> parse(long line, String text) throws BatchFormatException {
        String[] values = text.split(Pattern.quote(String.valueOf(separator.character())), -1);
        if (values.length != fields.size()) {
            throw BatchFormatException.line(file, line, "it has " + values.length + " values, not " + fields.size());
        }
        Map<String, String> row = LinkedHashMap.newLinkedHashMap(values.length);
        for (int i = 0; i < values.length; i++) {
            Field field = fields.get(i);
            if (field instanceof Field.Value of) {
                row.put(of.column(), of.swapped() ? digits(line, of.column(), values[i]) : values[i]);
            } else if (!values[i].equals(fixed.get(field.name()))) {
                throw BatchFormatException.value(
                        file, line, field.name(), "it is not what the template has in every row");
            }
        }
        return row;
    }

    private String digits(long line, String column, String swapped) throws BatchFormatException {
        try {
            return Numbers.digits(column, swapped);
        } catch (IllegalArgumentException e) {
            throw BatchFormatException.value(file, line, column, message(e));
        }
    }

    private static String message(IllegalArgumentException e) {
        return e instanceof NumberingException
                ? String.valueOf(e.getMessage())
                : "it is no number with its nibbles swapped";
    }

    private String fixed(Field field) {
        return switch (field) {
            case Field.Constant constant -> constant.constant();
            case Field.OfKey key -> key.part().of(header.keyOf(key.keyOf()));
            case Field.Value value -> throw new IllegalStateException(value.name());
        };
    }

    private boolean fits(String value) {
        return value.indexOf(separator.character()) < 0
                && value.chars().noneMatch(Character::isISOControl)
                && !(value.isEmpty() && separator == Separator.SPACE);
    }
}
