package org.kiln.personalisation.profile;

/** What of a card somebody gets: as much as his work needs. */
public enum Share {
    /** All that goes on the card. */
    CARD_VENDOR,
    /** What another AuC or HLR authenticates with: Ki and OPc. */
    AUC,
    /** The keys with which the card is managed from afar, and their counters. */
    OTA_PLATFORM,
    /**
     * What an SM-DP+ makes an eUICC's profile of: Ki, OPc and the keysets, once more as elements of a profile package.
     */
    PROFILE_PLATFORM,
    /** PUKs, to unblock a card whose PIN was forgotten. */
    CUSTOMER_CARE
}
