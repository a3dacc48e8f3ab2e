package org.kiln.kms.audit;

import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;

/** Where the keys are that sign the log. */
@FunctionalInterface
public interface AuditSigner {

    /**
     * A key.
     *
     * @param publicKey its other half
     * @param provider runs {@code privateKey}
     */
    record Pair(PublicKey publicKey, PrivateKey privateKey, Provider provider) {}

    /**
     * The key of a number.
     *
     * @param number 0 for the token's first
     * @throws AuditException if it is not there, saying what to do
     */
    Pair key(long number);
}
