package org.kiln.transfer.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One column of the records.
 *
 * @param name an upper-case letter, then upper-case letters, digits and underscores, at most 64 in all
 * @param protection how its values stand in the file; all parts below but the last belong to WRAPPED and are null for
 *     CLEAR
 * @param keyLabel the label of the wrapping key, one of the manifest's {@code keys}
 * @param keyKcv that key's check value, either of the two the manifest gives
 * @param wrapping the wrapping algorithm
 * @param content what the wrapped octets are
 * @param kcvConvention for a CLEAR column {@code X_KCV} that holds the check values of the keys in column {@code X}: how
 *     they were computed; null for every other column
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Column(
        String name,
        Protection protection,
        @Nullable String keyLabel,
        @Nullable String keyKcv,
        @Nullable Wrapping wrapping,
        @Nullable Content content,
        @Nullable KcvConvention kcvConvention) {

    /** What the name of a column of check values ends in. */
    public static final String KCV_SUFFIX = "_KCV";

    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one breaks a rule above
     */
    public Column {
        Rules.require(
                name != null && NAME.matcher(name).matches(), "a column name is not of the form " + NAME.pattern());
        Rules.present("protection of column " + name, protection);
        if (protection == Protection.WRAPPED) {
            Rules.name("keyLabel of column " + name, keyLabel);
            Rules.kcv("keyKcv of column " + name, keyKcv);
            Rules.present("wrapping of column " + name, wrapping);
            Rules.present("content of column " + name, content);
            Rules.require(
                    wrapping != null && content != null && wrapping.takes(content),
                    "column " + name + " holds " + content + " wrapped by " + wrapping
                            + ", which takes keys only; values that are no keys are wrapped by AES_KWP");
            Rules.require(kcvConvention == null, "column " + name + " is wrapped and has a kcvConvention");
        } else {
            Rules.require(
                    keyLabel == null && keyKcv == null && wrapping == null && content == null,
                    "column " + name + " is clear and has a key, wrapping or content");
            Rules.require(
                    kcvConvention == null || name.endsWith(KCV_SUFFIX),
                    "column " + name + " has a kcvConvention and its name does not end in " + KCV_SUFFIX);
        }
    }

    /** A column of plain text. */
    public static Column clear(String name) {
        return new Column(name, Protection.CLEAR, null, null, null, null, null);
    }

    /** The column with the check values of the keys in column {@code ofColumn}. */
    public static Column kcv(String ofColumn, KcvConvention convention) {
        return new Column(ofColumn + KCV_SUFFIX, Protection.CLEAR, null, null, null, null, convention);
    }

    /** A column of wrapped values. */
    public static Column wrapped(String name, String keyLabel, String keyKcv, Wrapping wrapping, Content content) {
        return new Column(name, Protection.WRAPPED, keyLabel, keyKcv, wrapping, content, null);
    }
}
