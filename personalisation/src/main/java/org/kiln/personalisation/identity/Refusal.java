package org.kiln.personalisation.identity;

/** Why something is refused about an identity: the {@code cause} of the answer; docs/api.md says when each comes. */
public enum Refusal {
    /** The certificates are none, or are not for this. */
    CERTIFICATE_REFUSED(400),
    /** The nonce is too short, too long, or no hexadecimal. */
    NONCE_REFUSED(400),
    /** No configured maker's authority stands at the end of the chain. */
    MAKER_UNKNOWN(403),
    CERTIFICATE_EXPIRED(403),
    CERTIFICATE_REVOKED(403),
    /** The device has shown a newer certificate before. */
    CERTIFICATE_SUPERSEDED(403),
    /** The certificate is another device's. */
    DEVICE_ID_MISMATCH(403),
    /** The device id is known with another key. */
    DEVICE_CHANGED(403),
    /** The signature is not the device's over this. */
    SIGNATURE_REFUSED(403),
    /** What it would replace is not this device's, or is not in use. */
    REPLACEMENT_REFUSED(403),
    IDENTITY_NOT_FOUND(404),
    /** The nonce was used for something else, or is done with. */
    NONCE_USED(409),
    /** The profile is of another kind, or has what devices do not get. */
    PROFILE_UNFIT(409),
    /** No one-time key can be made for the device's key here. */
    ONE_TIME_KEY_REFUSED(409),
    /** The platform is no partner with an outgoing transport key in use. */
    PLATFORM_REFUSED(409),
    /** What the device says it installed is not what it was given. */
    DIGEST_MISMATCH(409),
    /** The identity, or one of the device's, is not in a state for this. */
    IDENTITY_STATE(409),
    /** The device has asked for too many identities within a day. */
    DEVICE_ASKS_TOO_OFTEN(429),
    /** The maker's revocation lists are missing or out of date. */
    REVOCATION_UNKNOWN(503);

    private final int status;

    Refusal(int status) {
        this.status = status;
    }

    /** The HTTP status that goes with it. */
    public int status() {
        return status;
    }
}
