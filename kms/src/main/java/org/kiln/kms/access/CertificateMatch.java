package org.kiln.kms.access;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * Which certificate is a caller's: one that fits every condition.
 *
 * @param conditions at least one of which names the caller himself
 */
public record CertificateMatch(List<Condition> conditions) {

    /** Kinds of alternative names (RFC 5280 clause 4.2.1.6) that name a network function. */
    private static final int DNS_NAME = 2;

    private static final int URI = 6;

    private static final String FORM = "certificate has some of subject, dns, uri, sha256, and perhaps issuer";

    public CertificateMatch {
        conditions = List.copyOf(conditions);
        if (conditions.stream().allMatch(Issuer.class::isInstance)) {
            throw new IllegalArgumentException(
                    FORM + "; an issuer alone would make one caller of all whom it certifies");
        }
    }

    /** Something that a certificate must have. */
    public sealed interface Condition {
        boolean fits(X509Certificate certificate);
    }

    /** The subject has one common name, this one. */
    public record CommonName(String name) implements Condition {
        @Override
        public boolean fits(X509Certificate certificate) {
            RDN[] names = X500Name.getInstance(
                            certificate.getSubjectX500Principal().getEncoded())
                    .getRDNs(BCStyle.CN);
            return names.length == 1
                    && !names[0].isMultiValued()
                    && names[0].getFirst().getValue().toString().equals(name);
        }
    }

    /** The whole subject, as RFC 4514 writes names; compared as {@link X500Principal} does. */
    public record Subject(X500Principal name) implements Condition {
        @Override
        public boolean fits(X509Certificate certificate) {
            return certificate.getSubjectX500Principal().equals(name);
        }
    }

    /** The whole issuer. */
    public record Issuer(X500Principal name) implements Condition {
        @Override
        public boolean fits(X509Certificate certificate) {
            return certificate.getIssuerX500Principal().equals(name);
        }
    }

    /** A {@code dNSName} among the alternative names. */
    public record DnsName(String name) implements Condition {
        @Override
        public boolean fits(X509Certificate certificate) {
            return alternativeName(certificate, DNS_NAME, name, true);
        }
    }

    /** A {@code uniformResourceIdentifier} among the alternative names, such as {@code urn:uuid:<NF instance id>}. */
    public record Uri(String uri) implements Condition {
        @Override
        public boolean fits(X509Certificate certificate) {
            return alternativeName(certificate, URI, uri, false);
        }
    }

    /** SHA-256 of the certificate's DER: this one and no other. */
    public record Fingerprint(String sha256) implements Condition {

        public Fingerprint {
            if (!sha256.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException("certificate.sha256 has 64 hexadecimal digits, perhaps with colons");
            }
        }

        @Override
        public boolean fits(X509Certificate certificate) {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()))
                        .equals(sha256);
            } catch (GeneralSecurityException e) {
                return false;
            }
        }
    }

    private static boolean alternativeName(X509Certificate certificate, int type, String wanted, boolean ignoreCase) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            return names != null
                    && names.stream()
                            .anyMatch(each -> each.get(0).equals(type)
                                    && each.get(1) instanceof String name
                                    && (ignoreCase ? name.equalsIgnoreCase(wanted) : name.equals(wanted)));
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    /** A certificate that is known by its common name. */
    static CertificateMatch commonName(String name) {
        return new CertificateMatch(List.of(new CommonName(name)));
    }

    /**
     * As the configuration writes it.
     *
     * @throws IllegalArgumentException naming the condition that is none, or malformed
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static CertificateMatch of(Map<String, String> written) {
        return new CertificateMatch(written.entrySet().stream()
                .map(each -> condition(each.getKey(), each.getValue()))
                .toList());
    }

    private static Condition condition(String kind, String value) {
        return switch (kind) {
            case "subject" -> new Subject(name(kind, value));
            case "issuer" -> new Issuer(name(kind, value));
            case "dns" -> new DnsName(value);
            case "uri" -> new Uri(value);
            case "sha256" -> new Fingerprint(value.replace(":", "").toLowerCase(Locale.ROOT));
            default -> throw new IllegalArgumentException(FORM + ", but not '" + kind + "'");
        };
    }

    private static X500Principal name(String kind, String value) {
        try {
            return new X500Principal(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "certificate." + kind + " is no distinguished name such as \"CN=udm-1, O=Operator\"", e);
        }
    }

    boolean fits(X509Certificate certificate) {
        for (Condition condition : conditions) {
            if (!condition.fits(certificate)) {
                return false;
            }
        }
        return true;
    }

    /** The URIs that it asks for. */
    Set<String> uris() {
        return conditions.stream()
                .filter(Uri.class::isInstance)
                .map(each -> ((Uri) each).uri())
                .collect(Collectors.toUnmodifiableSet());
    }
}
