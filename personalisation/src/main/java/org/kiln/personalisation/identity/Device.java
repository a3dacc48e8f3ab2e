package org.kiln.personalisation.identity;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;

/**
 * A device whose certificate a maker's authority vouches for.
 *
 * @param id as its certificate has it
 * @param maker whose device it is
 */
record Device(String id, String maker, X509Certificate certificate) {

    PublicKey key() {
        return certificate.getPublicKey();
    }

    /** SHA-256 of its key's SubjectPublicKeyInfo, in hexadecimal: the device keeps the key when its certificate is renewed. */
    String keySha256() {
        return Statements.sha256(key().getEncoded());
    }

    Instant certifiedFrom() {
        return certificate.getNotBefore().toInstant();
    }
}
