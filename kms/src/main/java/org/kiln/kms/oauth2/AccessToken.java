package org.kiln.kms.oauth2;

import java.time.Instant;
import java.util.Set;

/**
 * A token that was verified.
 *
 * @param subject NF instance id of the caller
 * @param scopes what the NRF allows him
 * @param expires when the token ends
 */
public record AccessToken(String subject, Set<String> scopes, Instant expires) {

    public AccessToken {
        scopes = Set.copyOf(scopes);
    }
}
