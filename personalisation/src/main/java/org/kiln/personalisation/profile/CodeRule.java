package org.kiln.personalisation.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.kiln.personalisation.document.Rules;

/** How a code of a card (PIN, PUK, ADM) comes about. On the card it has 8 octets, padded with FF (TS 102 221). */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "rule")
@JsonSubTypes({
    @JsonSubTypes.Type(value = CodeRule.Fixed.class, name = "fixed"),
    @JsonSubTypes.Type(value = CodeRule.RandomDigits.class, name = "random-digits"),
    @JsonSubTypes.Type(value = CodeRule.RandomOctets.class, name = "random-octets"),
    @JsonSubTypes.Type(value = CodeRule.RandomHex.class, name = "random-hex"),
    @JsonSubTypes.Type(value = CodeRule.Disabled.class, name = "disabled")
})
public sealed interface CodeRule {

    /** Octets of a code on the card. */
    int OCTETS = 8;

    /** The same digits for every card: 4 to 8 of them. */
    record Fixed(@JsonProperty(required = true) String digits) implements CodeRule {
        public Fixed {
            Rules.require(Rules.present("digits", digits).matches("[0-9]{4,8}"), "a fixed code has 4 to 8 digits");
        }
    }

    /** Digits of the token's random number generator, each equally likely. */
    record RandomDigits(@JsonProperty(required = true) int length) implements CodeRule {
        public RandomDigits {
            Rules.require(length >= 4 && length <= OCTETS, "a code has 4 to 8 digits, not " + length);
        }
    }

    /** All 8 octets from the token's random number generator. */
    record RandomOctets() implements CodeRule {}

    /** 8 hexadecimal digits, as text, from the token's random number generator. */
    record RandomHex() implements CodeRule {}

    /** No verification is asked for, as M2M devices want: the card has no value that anybody needs. For PINs only. */
    record Disabled() implements CodeRule {}
}
