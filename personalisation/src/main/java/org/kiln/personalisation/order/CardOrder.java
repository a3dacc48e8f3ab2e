package org.kiln.personalisation.order;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;
import org.kiln.personalisation.partner.Partner;
import org.kiln.transfer.output.OutputFormat;

/**
 * What a vendor orders.
 *
 * @param idempotencyKey the vendor's number for this order; the same one again is the same order
 * @param vendor the partner's name, as in the register of transport keys
 * @param operator whose cards they are
 * @param profile name of a published card profile
 * @param profileVersion which version of it; null for the newest published when the order comes in
 * @param quantity cards, 1 to 1,000,000
 * @param iccids the number range that ICCIDs come from
 * @param imsis the number range that IMSIs come from
 * @param msisdns the number range that MSISDNs come from; null for none
 * @param eids the number range that EIDs come from; null for none
 * @param transportKey label of the outgoing transport key under which the vendor gets the cards' keys
 * @param deliveryCertificate the vendor's certificate in PEM, to which his file is encrypted
 * @param acknowledgementCertificate the certificate in PEM with which he signs that he has it; null for the same
 * @param openPgpCertificate his OpenPGP certificate in ASCII armour, if his file is to be an OpenPGP message and no CMS
 * @param format of his file; null for Kiln's own CSV
 * @param dueDate the day by which he wants the file, ISO 8601; null for none
 * @param maker in whose HSM the keys are made; null for Kiln's
 */
public record CardOrder(
        @JsonProperty(required = true) String idempotencyKey,
        @JsonProperty(required = true) String vendor,
        @JsonProperty(required = true) String operator,
        @JsonProperty(required = true) String profile,
        @Nullable Integer profileVersion,
        @JsonProperty(required = true) int quantity,
        @JsonProperty(required = true) String iccids,
        @JsonProperty(required = true) String imsis,
        @Nullable String msisdns,
        @Nullable String eids,
        @JsonProperty(required = true) String transportKey,
        @JsonProperty(required = true) String deliveryCertificate,
        @Nullable String acknowledgementCertificate,
        @Nullable String openPgpCertificate,
        @Nullable OutputFormat format,
        @Nullable String dueDate,
        @Nullable Maker maker) {

    /** In whose HSM the keys are made. */
    public enum Maker {
        /** In Kiln's: the vendor gets a file. */
        KILN,
        /** In the vendor's: Kiln gets a file, with Ki and OPc under {@code transportKey}, an incoming one. */
        VENDOR
    }

    /** The most cards of one order. */
    public static final int MOST_CARDS = 1_000_000;

    private static final String DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])";

    public CardOrder {
        Rules.name("idempotencyKey", idempotencyKey);
        Rules.name("vendor", vendor);
        Rules.name("operator", operator);
        Rules.name("profile", profile);
        Rules.require(profileVersion == null || profileVersion >= 1, "profileVersion is 1 or more");
        Rules.require(quantity >= 1 && quantity <= MOST_CARDS, "quantity is 1 to " + MOST_CARDS);
        Rules.name("iccids", iccids);
        Rules.name("imsis", imsis);
        Rules.present("transportKey", transportKey);
        Rules.present("deliveryCertificate", deliveryCertificate);
        Rules.require(dueDate == null || dueDate.matches(DATE), "dueDate is a day such as 2027-01-31");
    }

    /** The certificate with which the vendor signs, in PEM. */
    public String signingCertificate() {
        return acknowledgementCertificate == null ? deliveryCertificate : acknowledgementCertificate;
    }

    /** Whether the vendor makes the keys. */
    public boolean vendorMakes() {
        return maker == Maker.VENDOR;
    }

    /** The vendor as the partner that he is for this order. */
    Partner asPartner() {
        return new Partner(
                vendor,
                transportKey,
                null,
                deliveryCertificate,
                acknowledgementCertificate,
                openPgpCertificate,
                format,
                null);
    }
}
