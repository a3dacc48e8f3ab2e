package org.kiln.kms.access;

/** What a caller is to the operator. */
public enum Role {
    /** Orders cards and makes them; sees his own orders only. */
    CARD_VENDOR("card-vendor", Of.PARTNER),
    /** Fetches files that orders make for him: another AuC, an OTA platform, customer care. */
    RECIPIENT("recipient", Of.PARTNER),
    /** Asks for identities on behalf of devices; sees his own only. */
    IDENTITY_BROKER("identity-broker", Of.PARTNER),
    /** An HLR, HSS, MSC or SGSN: has vectors for subscribers of its network, none of 5G. */
    HLR("hlr", Of.NETWORK),
    /** A UDM or AUSF: has vectors of all kinds, and tells how authentications ended. */
    UDM("udm", Of.ANY_NETWORK),
    /** The operator's provisioning system: enters, changes and removes subscribers. */
    PROVISIONER("provisioner", Of.ANY_NETWORK),
    /** Works for the operator: profiles, partners, numbers, approvals of orders. */
    OPERATOR("operator", Of.NOTHING),
    /** A security officer: asks for and approves what is done to keys, roles and the audit log. */
    OFFICER("officer", Of.NOTHING),
    /** Holds a component or a share of a key: approves what is done to keys. */
    CUSTODIAN("custodian", Of.NOTHING),
    /** Looks at everything and changes nothing. */
    AUDITOR("auditor", Of.NOTHING),
    /** Reads metrics and health. */
    MONITOR("monitor", Of.NOTHING);

    /** What a role may be confined to, and the configuration writes behind its name and a colon. */
    enum Of {
        NOTHING,
        /** A partner, always. */
        PARTNER,
        /** A PLMN, always. */
        NETWORK,
        /** A PLMN, or none: then every subscriber. */
        ANY_NETWORK
    }

    private final String label;
    private final Of of;

    Role(String label, Of of) {
        this.label = label;
        this.of = of;
    }

    /** The name in the configuration. */
    public String label() {
        return label;
    }

    Of of() {
        return of;
    }

    /** Whether he belongs to a partner, whose name follows in the configuration. */
    public boolean isPartners() {
        return of == Of.PARTNER;
    }
}
