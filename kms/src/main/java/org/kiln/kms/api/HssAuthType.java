package org.kiln.kms.api;

import org.jspecify.annotations.Nullable;

/** The authentication methods of {@code hss-security-information} (TS 29.503 clause 6.3.6.3). */
enum HssAuthType {
    EPS_AKA("eps-aka"),
    EAP_AKA("eap-aka"),
    EAP_AKA_PRIME("eap-aka-prime"),
    IMS_AKA("ims-aka"),
    GBA_AKA("gba-aka");

    private static final HssAuthType[] ALL = values();

    private final String inUri;

    HssAuthType(String inUri) {
        this.inUri = inUri;
    }

    static @Nullable HssAuthType inUri(String segment) {
        for (HssAuthType type : ALL) {
            if (type.inUri.equals(segment)) {
                return type;
            }
        }
        return null;
    }
}
