package org.kiln.personalisation.order;

import org.kiln.personalisation.profile.CardProfile;

/**
 * What a vendor orders.
 *
 * @param idempotencyKey the vendor's number for this order; the same one again is the same order
 * @param vendor the partner's name, as in the register of transport keys
 * @param transportKey label of the outgoing transport key under which the vendor gets the cards' keys
 * @param deliveryCertificate the vendor's certificate in PEM, to which the output file is encrypted
 * @param quantity cards, 1 to 1,000,000
 * @param iccids where the ICCIDs come from, without their check digits
 * @param imsis where the IMSIs come from
 */
public record CardOrder(
        String idempotencyKey,
        String vendor,
        String transportKey,
        String deliveryCertificate,
        int quantity,
        NumberRange iccids,
        NumberRange imsis,
        CardProfile profile) {

    private static final int MOST_CARDS = 1_000_000;
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";

    public CardOrder {
        require(idempotencyKey.matches(NAME), "idempotencyKey has 1 to 63 letters, digits, dots, dashes, underlines");
        require(vendor.matches(NAME), "vendor has 1 to 63 letters, digits, dots, dashes, underlines");
        require(quantity >= 1 && quantity <= MOST_CARDS, "quantity is 1 to " + MOST_CARDS);
        require(
                iccids.first().length() == 18 || iccids.first().length() == 19,
                "iccids.first has 18 or 19 digits, without the check digit");
        require(imsis.first().length() == 15 || imsis.first().length() == 14, "imsis.first has 14 or 15 digits");
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(rule);
        }
    }
}
