package org.kiln.personalisation.numbering;

import org.kiln.personalisation.document.Rules;

/** Kinds of number, each a space of its own. */
public enum NumberKind {
    /** ITU-T E.118: 18 or 19 digits, beginning with 89, without the check digit. */
    ICCID("89[0-9]{16,17}", "a range of ICCIDs begins with 89 and has 18 or 19 digits, without the check digit"),
    /** ITU-T E.212: 14 or 15 digits. */
    IMSI("[0-9]{14,15}", "a range of IMSIs has 14 or 15 digits"),
    /** ITU-T E.164: 5 to 15 digits, with the country code. */
    MSISDN("[1-9][0-9]{4,14}", "a range of MSISDNs has 5 to 15 digits, with the country code and no prefix"),
    /** GSMA SGP.02: 30 digits, beginning with 89, without the two check digits. */
    EID("89[0-9]{28}", "a range of EIDs begins with 89 and has 30 digits, without the check digits");

    private final String form;
    private final String rule;

    NumberKind(String form, String rule) {
        this.form = form;
        this.rule = rule;
    }

    void requireForm(String digits) {
        Rules.require(hasForm(digits), "first: " + rule);
    }

    boolean hasForm(String digits) {
        return digits.matches(form);
    }
}
