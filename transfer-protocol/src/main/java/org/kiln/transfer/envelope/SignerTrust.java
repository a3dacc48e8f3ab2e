package org.kiln.transfer.envelope;

import java.security.cert.X509Certificate;
import java.util.Set;

/** Whose envelopes an {@link Opener} takes. */
public sealed interface SignerTrust {

    /**
     * These signers and no others.
     *
     * @param signers their certificates, obtained and compared by another way than the envelopes'
     */
    record Pinned(Set<X509Certificate> signers) implements SignerTrust {

        public Pinned {
            signers = Set.copyOf(signers);
        }
    }

    /**
     * Every signer one of these authorities certified, directly or by intermediates the envelope encloses (RFC 5280
     * clause 6; revocation is not checked, since envelopes are opened off line). The caller looks at the certificate
     * {@link Opener#verify} returns to tell the signers apart.
     *
     * @param authorities certificates of the authorities
     */
    record IssuedBy(Set<X509Certificate> authorities) implements SignerTrust {

        public IssuedBy {
            authorities = Set.copyOf(authorities);
        }
    }

    /** Trusts one signer. */
    static SignerTrust pinned(X509Certificate signer) {
        return new Pinned(Set.of(signer));
    }

    /** Trusts one authority. */
    static SignerTrust issuedBy(X509Certificate authority) {
        return new IssuedBy(Set.of(authority));
    }
}
