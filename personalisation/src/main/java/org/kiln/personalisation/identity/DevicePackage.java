package org.kiln.personalisation.identity;

import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.CardProfile;

/**
 * What a device gets: its numbers, how it authenticates, and its keys, wrapped for it alone.
 *
 * @param format {@value #FORMAT}
 * @param profile name and version
 */
public record DevicePackage(
        String format,
        String identityId,
        String deviceId,
        String nonce,
        String operator,
        String profile,
        String supi,
        String iccid,
        @Nullable String msisdn,
        Authentication authentication,
        Credential credential) {

    public static final String FORMAT = "kiln-identity/1";

    static DevicePackage of(String identityId, Issue issue, CardProfile profile, Credential credential) {
        return new DevicePackage(
                FORMAT,
                identityId,
                issue.deviceId(),
                issue.nonce(),
                issue.operator(),
                issue.profileName(),
                issue.supi().value(),
                issue.iccid(),
                issue.msisdn(),
                profile.authentication(),
                credential);
    }

    @Override
    public String toString() {
        return "DevicePackage[" + identityId + "]";
    }
}
