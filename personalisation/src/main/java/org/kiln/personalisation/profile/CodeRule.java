package org.kiln.personalisation.profile;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** How a code of a card (PIN, PUK, ADM) comes about. On the card it has 8 octets, padded with FF (TS 102 221). */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "rule")
@JsonSubTypes({
    @JsonSubTypes.Type(value = CodeRule.Fixed.class, name = "fixed"),
    @JsonSubTypes.Type(value = CodeRule.RandomDigits.class, name = "random-digits"),
    @JsonSubTypes.Type(value = CodeRule.RandomOctets.class, name = "random-octets")
})
public sealed interface CodeRule {

    /** Octets of a code on the card. */
    int OCTETS = 8;

    /** The same digits for every card: 4 to 8 of them. */
    record Fixed(String digits) implements CodeRule {
        public Fixed {
            if (!digits.matches("[0-9]{4,8}")) {
                throw new IllegalArgumentException("a fixed code has 4 to 8 digits");
            }
        }
    }

    /** Digits of the token's random number generator, each equally likely. */
    record RandomDigits(int length) implements CodeRule {
        public RandomDigits {
            if (length < 4 || length > OCTETS) {
                throw new IllegalArgumentException("a code has 4 to 8 digits, not " + length);
            }
        }
    }

    /** All 8 octets from the token's random number generator. */
    record RandomOctets() implements CodeRule {}
}
