package org.kiln.personalisation.identity;

import java.util.Base64;
import org.kiln.personalisation.generation.ProfileElements;
import org.kiln.personalisation.profile.CardProfile;

/**
 * What an SM-DP+ gets of an eUICC's profile: elements of a profile package with wrapped values, and a manifest that says so.
 * No eUICC takes it before the platform has unwrapped them in its own token and put the rest of the profile around.
 *
 * @param format {@value #FORMAT}
 * @param notice {@value #NOTICE}
 * @param elements SEQUENCE OF ProfileElement (TCA 3.3.1), DER in Base64; see docs/formats.md
 */
public record ProfileFragment(
        String format,
        String notice,
        String identityId,
        String deviceId,
        String operator,
        String profile,
        String supi,
        String iccid,
        Credential credential,
        String elements) {

    public static final String FORMAT = "kiln-profile-fragment/1";

    static final String NOTICE =
            "key, opc and keyData are wrapped by AES-KWP under the transport key named in credential.sent";

    static ProfileFragment of(String identityId, Issue issue, CardProfile profile, Credential credential) {
        return new ProfileFragment(
                FORMAT,
                NOTICE,
                identityId,
                issue.deviceId(),
                issue.operator(),
                issue.profileName(),
                issue.supi().value(),
                issue.iccid(),
                credential,
                Base64.getEncoder().encodeToString(ProfileElements.encode(profile, credential.keys())));
    }

    @Override
    public String toString() {
        return "ProfileFragment[" + identityId + "]";
    }
}
