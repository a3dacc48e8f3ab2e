package org.kiln.personalisation.identity;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;

/**
 * What a device asks for, and who brings it.
 *
 * @param deviceId the EID of an eUICC, or the serial name of an embedded trusted environment
 * @param nonce 16 to 32 octets in hexadecimal, drawn by the device for this request
 * @param certificates the device's certificate and those between it and its maker's authority, in PEM, the device's first
 * @param signature the device's over {@link Statements#request}, in Base64
 * @param operator whose credential it is to be
 * @param profile name of a published profile, for an eUICC or an embedded environment
 * @param profileVersion which version; null for the newest published
 * @param iccids the number range that its ICCID comes from
 * @param imsis the number range that its IMSI comes from
 * @param msisdns the number range that its MSISDN comes from; null for none
 * @param agreementKey a public key of the device (SubjectPublicKeyInfo in Base64: P-256, X25519 or RSA) for which its keys
 *     are wrapped; null for the certificate's
 * @param replaces the SUPI that the device changes from; null for none
 * @param platform the partner, an SM-DP+, who gets the keys as a fragment under his transport key in place of the device;
 *     null for the device itself
 */
public record IdentityRequest(
        @JsonProperty(required = true) String deviceId,
        @JsonProperty(required = true) String nonce,
        @JsonProperty(required = true) String certificates,
        @JsonProperty(required = true) String signature,
        @JsonProperty(required = true) String operator,
        @JsonProperty(required = true) String profile,
        @Nullable Integer profileVersion,
        @JsonProperty(required = true) String iccids,
        @JsonProperty(required = true) String imsis,
        @Nullable String msisdns,
        @Nullable String agreementKey,
        @Nullable String replaces,
        @Nullable String platform) {

    private static final String SUPI = "imsi-[0-9]{5,15}";

    public IdentityRequest {
        Rules.name("deviceId", deviceId);
        Rules.present("nonce", nonce);
        Rules.present("certificates", certificates);
        Rules.present("signature", signature);
        Rules.name("operator", operator);
        Rules.name("profile", profile);
        Rules.require(profileVersion == null || profileVersion >= 1, "profileVersion is 1 or more");
        Rules.name("iccids", iccids);
        Rules.name("imsis", imsis);
        Rules.require(replaces == null || replaces.matches(SUPI), "replaces is a SUPI such as imsi-001010000000001");
        if (platform != null) {
            Rules.name("platform", platform);
            Rules.require(agreementKey == null, "agreementKey is for devices that get their keys themselves");
        }
    }
}
