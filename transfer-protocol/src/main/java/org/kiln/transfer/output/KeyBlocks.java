package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.Column;

/**
 * Which columns of a file hold key blocks of ANSI X9.143 in place of wrapped keys. No token known makes such blocks, so each of
 * these keys is in the memory of the maker's host while its block is made, and of the recipient's while it is opened.
 *
 * @param protectionKey the label of the key block protection key that both sides have, which does nothing else
 * @param columns the columns, none twice
 * @param theHostReadsTheseKeys must be true, which says in other words what key blocks are
 */
public record KeyBlocks(
        @JsonProperty(required = true) String protectionKey,
        @JsonProperty(required = true) List<Of> columns,
        @JsonProperty(required = true) boolean theHostReadsTheseKeys) {

    /**
     * One column.
     *
     * @param column its name
     * @param usage what its blocks state as the use of their keys: {@code 10} to {@code 99}, the numbers that ANSI X9.143 leaves
     *     to those who agree on them; null for {@value Column#USUAL_KEY_USAGE}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Of(
            @JsonProperty(required = true) String column,
            @Nullable String usage) {

        /** @throws IllegalArgumentException if the usage is none of these */
        public Of {
            if (usage != null && !usage.matches("[1-9][0-9]")) {
                throw new IllegalArgumentException("usage of column " + column + " in keyBlocks is not 10 to 99");
            }
        }

        /** What blocks state. */
        public String statedUsage() {
            return usage == null ? Column.USUAL_KEY_USAGE : usage;
        }
    }

    /**
     * Checks that it is meant.
     *
     * @throws IllegalArgumentException if it is not said that the host reads the keys, there is no column, or one twice
     */
    public KeyBlocks {
        if (!theHostReadsTheseKeys) {
            throw new IllegalArgumentException(
                    "keyBlocks brings the keys of its columns into the host's memory: say so with"
                            + " theHostReadsTheseKeys: true, or leave keyBlocks out");
        }
        columns = List.copyOf(columns);
        if (columns.isEmpty() || columns.stream().map(Of::column).distinct().count() < columns.size()) {
            throw new IllegalArgumentException("keyBlocks names no column, or one twice");
        }
    }

    /** The usage that a column's blocks state; empty if the column holds none. */
    public Optional<String> usageOf(String column) {
        return columns.stream()
                .filter(each -> each.column().equals(column))
                .map(Of::statedUsage)
                .findFirst();
    }
}
