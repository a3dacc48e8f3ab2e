package org.kiln.transfer.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One column of the records.
 *
 * @param name an upper-case letter, then upper-case letters, digits and underscores, at most 64 in all
 * @param protection how its values stand in the file; {@code keyLabel}, {@code keyKcv} and {@code content} are null for CLEAR
 * @param keyLabel the label of the key that protects the values, one of the manifest's {@code keys}
 * @param keyKcv that key's check value, either of the two the manifest gives
 * @param wrapping the wrapping algorithm; null unless WRAPPED
 * @param content what the protected octets are; of a KEY_BLOCK, keys
 * @param kcvConvention for a CLEAR column {@code X_KCV} that holds the check values of the keys in column {@code X}: how
 *     they were computed; null for every other column
 * @param keyUsage the usage that the header of each KEY_BLOCK states, a numeric one of ANSI X9.143 clause 7.3.1 ({@code 10} to
 *     {@code 99}, left to whoever agrees on it); null unless KEY_BLOCK
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Column(
        String name,
        Protection protection,
        @Nullable String keyLabel,
        @Nullable String keyKcv,
        @Nullable Wrapping wrapping,
        @Nullable Content content,
        @Nullable KcvConvention kcvConvention,
        @Nullable String keyUsage) {

    /** What the name of a column of check values ends in. */
    public static final String KCV_SUFFIX = "_KCV";

    /** The usage that key blocks state where nobody chose another. */
    public static final String USUAL_KEY_USAGE = "10";

    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");
    private static final Pattern KEY_USAGE = Pattern.compile("[1-9][0-9]");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one breaks a rule above
     */
    public Column {
        Rules.require(
                name != null && NAME.matcher(name).matches(), "a column name is not of the form " + NAME.pattern());
        Rules.present("protection of column " + name, protection);
        switch (protection) {
            case WRAPPED -> {
                requireKey(name, keyLabel, keyKcv, content, kcvConvention);
                Rules.present("wrapping of column " + name, wrapping);
                Rules.require(
                        wrapping != null && content != null && wrapping.takes(content),
                        "column " + name + " holds " + content + " wrapped by " + wrapping
                                + ", which takes keys only; values that are no keys are wrapped by AES_KWP");
                Rules.require(keyUsage == null, "column " + name + " is wrapped and has a keyUsage");
            }
            case KEY_BLOCK -> {
                requireKey(name, keyLabel, keyKcv, content, kcvConvention);
                Rules.require(wrapping == null, "column " + name + " holds key blocks and has a wrapping");
                Rules.require(
                        content != null && content.isKey(),
                        "column " + name + " holds " + content + " in key blocks, which take keys only");
                Rules.require(
                        keyUsage != null && KEY_USAGE.matcher(keyUsage).matches(),
                        "keyUsage of column " + name + " is not 10 to 99");
            }
            case CLEAR -> {
                Rules.require(
                        keyLabel == null && keyKcv == null && wrapping == null && content == null && keyUsage == null,
                        "column " + name + " is clear and has a key, wrapping, content or keyUsage");
                Rules.require(
                        kcvConvention == null || name.endsWith(KCV_SUFFIX),
                        "column " + name + " has a kcvConvention and its name does not end in " + KCV_SUFFIX);
            }
        }
    }

    private static void requireKey(
            String name,
            @Nullable String keyLabel,
            @Nullable String keyKcv,
            @Nullable Content content,
            @Nullable KcvConvention kcvConvention) {
        Rules.name("keyLabel of column " + name, keyLabel);
        Rules.kcv("keyKcv of column " + name, keyKcv);
        Rules.present("content of column " + name, content);
        Rules.require(kcvConvention == null, "column " + name + " is protected and has a kcvConvention");
    }

    /** A column of plain text. */
    public static Column clear(String name) {
        return new Column(name, Protection.CLEAR, null, null, null, null, null, null);
    }

    /** The column with the check values of the keys in column {@code ofColumn}. */
    public static Column kcv(String ofColumn, KcvConvention convention) {
        return new Column(ofColumn + KCV_SUFFIX, Protection.CLEAR, null, null, null, null, convention, null);
    }

    /** A column of wrapped values. */
    public static Column wrapped(String name, String keyLabel, String keyKcv, Wrapping wrapping, Content content) {
        return new Column(name, Protection.WRAPPED, keyLabel, keyKcv, wrapping, content, null, null);
    }

    /** A column of keys in key blocks. */
    public static Column keyBlock(String name, String keyLabel, String keyKcv, String keyUsage, Content content) {
        return new Column(name, Protection.KEY_BLOCK, keyLabel, keyKcv, null, content, null, keyUsage);
    }
}
