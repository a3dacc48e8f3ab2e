package org.kiln.kms.oauth2;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Whose tokens are good here.
 *
 * @param issuer the NRF's instance id, as {@code iss} has it
 * @param audience the names that this node goes by in {@code aud}: its NF instance id, its NF types
 * @param clockSkew by how much the NRF's clock may differ
 * @param keys the NRF's
 */
public record TokenTrust(String issuer, Set<String> audience, Duration clockSkew, List<NrfKey> keys) {

    public TokenTrust {
        audience = Set.copyOf(audience);
        keys = List.copyOf(keys);
    }
}
