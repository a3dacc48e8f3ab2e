package org.kiln.kms.check;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Certificates and revocation lists in files: whether they can be read, are valid now, and fit together. */
final class CertificateFiles {

    private static final Duration SOON = Duration.ofDays(14);
    private static final Duration LIST_SOON = Duration.ofDays(2);
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

    private final Findings findings;
    private final Instant now;

    CertificateFiles(Findings findings, Instant now) {
        this.findings = findings;
        this.now = now;
    }

    /** Reads a file of certificates; what is wrong with it is a finding, and the list is empty then. */
    List<X509Certificate> read(String subject, Path file) {
        try {
            List<X509Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (found.isEmpty()) {
                findings.error(subject, file + " holds no certificate", "put one there, in PEM");
            }
            return found;
        } catch (IOException e) {
            findings.error(subject, file + " cannot be read", "is it there, and this user's to read?");
        } catch (GeneralSecurityException e) {
            findings.error(subject, file + " is no certificate: " + e.getMessage(), "put one there, in PEM");
        }
        return List.of();
    }

    /** Authorities that certify somebody, and their revocation lists, if they have any. */
    void authorities(String subject, Path file, Optional<Path> lists) {
        List<X509Certificate> authorities = read(subject, file);
        for (X509Certificate each : authorities) {
            if (each.getBasicConstraints() < 0) {
                findings.error(
                        subject, name(each) + " is no authority's certificate", "name the file of who issues them");
            } else {
                validity(subject, each);
            }
        }
        if (lists.isPresent() && !authorities.isEmpty()) {
            lists(subject.replaceFirst("[.](authorities|certificate)$", ".crl"), authorities, lists.get());
        }
    }

    private void lists(String subject, List<X509Certificate> authorities, Path file) {
        List<X509CRL> lists;
        try {
            lists =
                    CertificateFactory.getInstance("X.509")
                            .generateCRLs(new ByteArrayInputStream(Files.readAllBytes(file)))
                            .stream()
                            .map(X509CRL.class::cast)
                            .toList();
        } catch (IOException e) {
            findings.error(subject, file + " cannot be read", "is it there, and this user's to read?");
            return;
        } catch (GeneralSecurityException e) {
            findings.error(subject, file + " is no revocation list: " + e.getMessage(), "put one there, PEM or DER");
            return;
        }
        for (X509Certificate authority : authorities) {
            lists.stream()
                    .filter(list -> isSigned(list, authority.getPublicKey()))
                    .findFirst()
                    .ifPresentOrElse(
                            list -> due(subject, list),
                            () -> findings.error(
                                    subject,
                                    file + " has no list of " + name(authority) + ", whose certificates are refused",
                                    "put its list there"));
        }
    }

    private static boolean isSigned(X509CRL list, PublicKey key) {
        try {
            list.verify(key);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private void due(String subject, X509CRL list) {
        String issuer = list.getIssuerX500Principal().getName();
        if (list.getNextUpdate() == null) {
            findings.ok(subject, "the list of " + issuer + " says no next one");
            return;
        }
        Instant next = list.getNextUpdate().toInstant();
        if (next.isBefore(now)) {
            findings.error(
                    subject,
                    "the list of " + issuer + " was due on " + day(next) + ", and its certificates are refused",
                    "fetch the next");
        } else if (next.isBefore(now.plus(LIST_SOON))) {
            findings.warn(subject, "the list of " + issuer + " is due on " + day(next), "fetch the next in time");
        } else {
            findings.ok(subject, "the list of " + issuer + " is good until " + day(next));
        }
    }

    /** A server's certificate, and those between it and its root. */
    void server(String subject, List<X509Certificate> chain) {
        chain.forEach(each -> validity(subject, each));
        for (int i = 1; i < chain.size(); i++) {
            if (!isIssued(chain.get(i - 1), chain.get(i))) {
                findings.error(
                        subject,
                        name(chain.get(i - 1)) + " was not issued by " + name(chain.get(i)) + ", which follows it",
                        "put the server's first, then each the issuer of the one before");
            }
        }
        try {
            List<String> uses = chain.getFirst().getExtendedKeyUsage();
            if (uses != null && !uses.contains(SERVER_AUTH)) {
                findings.error(subject, name(chain.getFirst()) + " is not for TLS servers", "have one issued that is");
            }
        } catch (GeneralSecurityException e) {
            findings.error(subject, name(chain.getFirst()) + " is malformed: " + e.getMessage(), "");
        }
    }

    private static boolean isIssued(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Says until when a certificate is valid. */
    void validity(String subject, X509Certificate certificate) {
        Instant from = certificate.getNotBefore().toInstant();
        if (now.isBefore(from)) {
            findings.error(subject, name(certificate) + " is valid from " + day(from) + " on", "is the clock right?");
        } else {
            until(subject, name(certificate), certificate.getNotAfter().toInstant());
        }
    }

    /** Says until when something is good. */
    void until(String subject, String name, Instant end) {
        if (end.isBefore(now)) {
            findings.error(subject, name + " was valid until " + day(end), "have it renewed");
        } else if (end.isBefore(now.plus(SOON))) {
            findings.warn(subject, name + " is valid until " + day(end), "have it renewed");
        } else {
            findings.ok(subject, name + ", valid until " + day(end));
        }
    }

    private static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    private static String day(Instant instant) {
        return instant.atZone(ZoneOffset.UTC).toLocalDate().toString();
    }
}
