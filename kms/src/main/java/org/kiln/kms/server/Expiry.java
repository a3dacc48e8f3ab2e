package org.kiln.kms.server;

import java.security.cert.X509Certificate;
import java.time.Instant;

/**
 * Something that is good until an instant.
 *
 * @param use what it is for, such as {@code server}
 * @param name which of those it is
 * @param at the instant
 */
public record Expiry(String use, String name, Instant at) {

    /** Of a certificate, named by its subject. */
    public static Expiry of(String use, X509Certificate certificate) {
        return new Expiry(
                use,
                certificate.getSubjectX500Principal().getName(),
                certificate.getNotAfter().toInstant());
    }
}
