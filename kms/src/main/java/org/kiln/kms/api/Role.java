package org.kiln.kms.api;

/** What a caller is to the operator. */
public enum Role {
    /** Orders cards and makes them; sees his own orders only. */
    CARD_VENDOR("card-vendor"),
    /** Fetches files that orders make for him: another AuC, an OTA platform, customer care. */
    RECIPIENT("recipient"),
    /** Asks for identities on behalf of devices; sees his own only. */
    IDENTITY_BROKER("identity-broker"),
    /** Works for the operator: profiles, partners, numbers, approvals. */
    OPERATOR("operator"),
    /** Looks at everything and changes nothing. */
    AUDITOR("auditor");

    private final String label;

    Role(String label) {
        this.label = label;
    }

    /** The name in the configuration. */
    public String label() {
        return label;
    }

    /** Whether he belongs to a partner, whose name follows in the configuration. */
    public boolean isPartners() {
        return this == CARD_VENDOR || this == RECIPIENT || this == IDENTITY_BROKER;
    }
}
