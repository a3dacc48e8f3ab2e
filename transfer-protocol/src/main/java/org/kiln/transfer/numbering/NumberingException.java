package org.kiln.transfer.numbering;

/**
 * A number, or a range of numbers, that breaks a rule of its standard.
 *
 * <p>The message names the fault and the rule, never the number itself: numbers of subscribers stay out of logs.
 */
public sealed class NumberingException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    NumberingException(String fault, String rule) {
        super(fault + "; " + rule);
    }

    /** A range that would leave the digits its owner may count in. Split the order, or begin lower. */
    public static final class Overflow extends NumberingException {

        private static final long serialVersionUID = 1L;

        Overflow(String fault, String rule) {
            super(fault, rule);
        }
    }
}
