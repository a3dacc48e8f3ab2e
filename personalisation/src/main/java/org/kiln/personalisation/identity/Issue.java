package org.kiln.personalisation.identity;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.numbering.Imsi;
import org.kiln.transfer.numbering.Supi;

/**
 * What an identity is, which never changes.
 *
 * @param nonce in lower case
 * @param requestSha256 over what was signed and the number ranges named: the same request again has the same
 * @param profile name of the profile
 * @param broker the partner who asked for the device; null for the operator
 * @param certificates as they came; confirmations are checked against them anew
 * @param deviceKey SHA-256 of the device's public key
 * @param certifiedFrom when the device's certificate begins
 * @param iccid with its check digit
 * @param luhn whether the ICCID ends in its Luhn digit
 */
public record Issue(
        String deviceId,
        String nonce,
        String requestSha256,
        String operator,
        String profile,
        int profileVersion,
        @Nullable String broker,
        String requestedBy,
        String certificates,
        String deviceKey,
        Instant certifiedFrom,
        String iccid,
        boolean luhn,
        String imsi,
        @Nullable String msisdn,
        @Nullable String replaces,
        @Nullable String platform,
        Instant created) {

    public Supi supi() {
        return new Imsi(imsi).asSupi();
    }

    /** Name and version of the profile. */
    public String profileName() {
        return profile + "/" + profileVersion;
    }

    /** The SUPI that the device changes from. */
    public Supi replacedSupi() {
        if (replaces == null) {
            throw new IllegalStateException("the identity replaces none");
        }
        return new Supi(replaces);
    }

    @Override
    public String toString() {
        return "Issue[" + deviceId + "]";
    }
}
