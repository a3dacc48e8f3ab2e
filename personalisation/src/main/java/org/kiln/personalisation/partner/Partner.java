package org.kiln.personalisation.partner;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;

/**
 * Somebody who gets files.
 *
 * @param name as in the register of transport keys
 * @param transportKey label of the outgoing transport key that wraps what he gets
 * @param certificate X.509 in PEM: files are encrypted to it, and his acknowledgements are checked with it unless
 *     {@code acknowledgementCertificate} is given
 * @param acknowledgementCertificate X.509 in PEM
 * @param format what his files look like; null for Kiln's own
 */
public record Partner(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) String transportKey,
        @JsonProperty(required = true) String certificate,
        @Nullable String acknowledgementCertificate,
        @Nullable FileFormat format) {

    public Partner {
        Rules.name("name", name);
        Rules.present("transportKey", transportKey);
        Rules.present("certificate", certificate);
        format = format == null ? FileFormat.KILN_CSV : format;
    }

    /** The format of his files. */
    @Override
    public FileFormat format() {
        return format == null ? FileFormat.KILN_CSV : format;
    }

    /** The certificate that his acknowledgements are signed with. */
    public String signingCertificate() {
        return acknowledgementCertificate == null ? certificate : acknowledgementCertificate;
    }
}
