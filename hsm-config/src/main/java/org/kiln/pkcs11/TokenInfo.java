package org.kiln.pkcs11;

/** What a token says of itself ({@code CK_TOKEN_INFO}), strings without their padding. */
public record TokenInfo(long slot, String label, String manufacturer, String model, String serialNumber, long flags) {

    public boolean initialised() {
        return (flags & Ck.CKF_TOKEN_INITIALIZED) != 0;
    }
}
