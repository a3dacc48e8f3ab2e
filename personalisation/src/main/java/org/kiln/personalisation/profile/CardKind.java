package org.kiln.personalisation.profile;

/** What carries the credential. */
public enum CardKind {
    /** A UICC with a USIM (TS 31.102), made by a card vendor. */
    UICC,
    /** A profile for an eUICC (GSMA SGP.02, SGP.22, SGP.32), made by an SM-DP+. */
    EUICC_PROFILE,
    /** An embedded trusted environment: a device's own secure element or enclave. */
    EMBEDDED
}
