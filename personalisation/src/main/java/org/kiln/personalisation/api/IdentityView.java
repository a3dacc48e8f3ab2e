package org.kiln.personalisation.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.identity.DeviceIdentity;
import org.kiln.personalisation.identity.IdentityState;
import org.kiln.personalisation.identity.Issue;

/**
 * An identity as callers see it.
 *
 * @param deadline by when the device must confirm or, once it has and changes operators, authenticate
 * @param packageSha256 of what is handed out; null before it is made
 */
record IdentityView(
        String id,
        String deviceId,
        IdentityState state,
        String operator,
        String profile,
        String supi,
        String iccid,
        @Nullable String msisdn,
        @Nullable String replaces,
        @Nullable String platform,
        @Nullable Instant deadline,
        @Nullable String packageSha256,
        Instant created,
        String requestedBy,
        Instant changed) {

    static IdentityView of(DeviceIdentity identity) {
        Issue issue = identity.issue();
        return new IdentityView(
                identity.id(),
                issue.deviceId(),
                identity.state(),
                issue.operator(),
                issue.profileName(),
                issue.supi().value(),
                issue.iccid(),
                issue.msisdn(),
                issue.replaces(),
                issue.platform(),
                identity.deadline(),
                identity.packageSha256().isEmpty() ? null : identity.packageSha256(),
                issue.created(),
                issue.requestedBy(),
                identity.changed());
    }
}
