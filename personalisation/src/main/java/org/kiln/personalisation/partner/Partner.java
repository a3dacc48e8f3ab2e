package org.kiln.personalisation.partner;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.output.HlrLoad;
import org.kiln.transfer.output.KeyBlocks;
import org.kiln.transfer.output.KilnCsv;
import org.kiln.transfer.output.OutputFormat;
import org.kiln.transfer.output.PySimCsv;

/**
 * Somebody who gets files.
 *
 * @param name as in the register of transport keys
 * @param transportKey label of the outgoing transport key that wraps what he gets
 * @param columnKeys labels of transport keys for single columns, by the columns' names; null for none
 * @param certificate X.509 in PEM: files are encrypted to it, and his acknowledgements are checked with it unless
 *     {@code acknowledgementCertificate} is given
 * @param acknowledgementCertificate X.509 in PEM
 * @param openPgpCertificate his OpenPGP certificate in ASCII armour, if files are OpenPGP messages and no CMS
 * @param format what his files look like inside; null for Kiln's own CSV
 * @param keyWrapping how keys are wrapped; null for what the format is used to: {@code AES_CBC_IV_23} for pySim,
 *     {@code AES_ECB} for an HLR's load file, else {@code AES_KWP}. Codes are wrapped by {@code AES_KWP} always
 */
public record Partner(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) String transportKey,
        @Nullable Map<String, String> columnKeys,
        @JsonProperty(required = true) String certificate,
        @Nullable String acknowledgementCertificate,
        @Nullable String openPgpCertificate,
        @Nullable OutputFormat format,
        @Nullable Wrapping keyWrapping) {

    public Partner {
        Rules.name("name", name);
        Rules.present("transportKey", transportKey);
        columnKeys = Rules.map("columnKeys", columnKeys);
        Rules.present("certificate", certificate);
        format = format == null ? new KilnCsv() : format;
        keyWrapping = keyWrapping == null ? usual(format) : keyWrapping;
    }

    private static Wrapping usual(OutputFormat format) {
        return switch (format) {
            case PySimCsv _ -> Wrapping.AES_CBC_IV_23;
            case HlrLoad _ -> Wrapping.AES_ECB;
            default -> Wrapping.AES_KWP;
        };
    }

    @Override
    public Map<String, String> columnKeys() {
        return columnKeys == null ? Map.of() : columnKeys;
    }

    /** The form of his files. */
    @Override
    public OutputFormat format() {
        return format == null ? new KilnCsv() : format;
    }

    /** How keys are wrapped for him. */
    @Override
    public Wrapping keyWrapping() {
        return keyWrapping == null ? usual(format()) : keyWrapping;
    }

    /** The certificate that his acknowledgements are signed with. */
    public String signingCertificate() {
        return acknowledgementCertificate == null ? certificate : acknowledgementCertificate;
    }

    /** The label of the transport key that wraps a column, or protects its key blocks. */
    public String transportKeyOf(String column) {
        KeyBlocks blocks = format().keyBlocks();
        if (blocks != null && blocks.usageOf(column).isPresent()) {
            return blocks.protectionKey();
        }
        return columnKeys().getOrDefault(column, transportKey);
    }

    /** The labels of all transport keys that wrap what he gets; not that of his key blocks. */
    public Set<String> transportKeys() {
        Set<String> labels = new TreeSet<>(columnKeys().values());
        labels.add(transportKey);
        return labels;
    }
}
