package org.kiln.personalisation.numbering;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;

/**
 * Numbers set aside for an operator's cards.
 *
 * @param name by which orders name it
 * @param operator whose numbers they are
 * @param first the first number, with leading zeros and without check digits
 * @param size how many there are, 1 to 1,000,000,000,000
 * @param checkDigit ICCIDs: whether each ends in its Luhn digit, as ITU-T E.118 has it; null for yes
 */
public record NumberRange(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) NumberKind kind,
        @JsonProperty(required = true) String operator,
        @JsonProperty(required = true) String first,
        @JsonProperty(required = true) long size,
        @Nullable Boolean checkDigit) {

    private static final long LARGEST = 1_000_000_000_000L;

    public NumberRange {
        Rules.name("name", name);
        Rules.present("kind", kind);
        Rules.name("operator", operator);
        kind.requireForm(Rules.present("first", first));
        Rules.require(size >= 1 && size <= LARGEST, "size is 1 to " + LARGEST);
        Rules.require(checkDigit == null || kind == NumberKind.ICCID, "checkDigit is for ICCIDs");
        Rules.require(
                new BigInteger(first).add(BigInteger.valueOf(size)).compareTo(BigInteger.TEN.pow(first.length())) <= 0,
                "size: the range runs out of digits; make it smaller, or begin lower");
        String last = new BigInteger(first).add(BigInteger.valueOf(size - 1)).toString();
        Rules.require(
                kind.hasForm("0".repeat(first.length() - last.length()) + last),
                "size: the range would go on to " + last
                        + ", which does not begin as it must; make it smaller, or begin" + " lower");
    }

    int digits() {
        return first.length();
    }

    /** The first number beyond the range, of one digit more if need be. */
    BigInteger past() {
        return new BigInteger(first).add(BigInteger.valueOf(size));
    }

    NumberSpan span() {
        return new NumberSpan(new BigInteger(first), past());
    }

    /** As {@link #digits}, with the check digit if there is one. */
    int digitsOnCard() {
        return endsInCheckDigit() ? digits() + 1 : digits();
    }

    /** No number of the range, with its check digit if there is one, is less. */
    BigInteger firstOnCard() {
        return onCard(new BigInteger(first));
    }

    /** All numbers of the range, with their check digits if there are any, are less. */
    BigInteger pastOnCard() {
        return onCard(past());
    }

    private BigInteger onCard(BigInteger number) {
        return endsInCheckDigit() ? number.multiply(BigInteger.TEN) : number;
    }

    private boolean endsInCheckDigit() {
        return kind == NumberKind.ICCID && hasCheckDigit();
    }

    /** Whether its ICCIDs end in a Luhn digit. */
    public boolean hasCheckDigit() {
        return checkDigit == null || checkDigit;
    }
}
