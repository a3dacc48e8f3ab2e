package org.kiln.kms.provisioning;

import java.nio.file.Path;
import org.kiln.transfer.numbering.Supi;

/** Which subscribers are exported. */
public sealed interface ExportSelection {

    /** Everybody. */
    ExportSelection ALL = new Range("imsi-", "imsi-:");

    /**
     * SUPIs in the order of their characters.
     *
     * @param from the first
     * @param below what comes after the last
     */
    record Range(String from, String below) implements ExportSelection {}

    /**
     * SUPIs that a file lists, one a line.
     *
     * @param file UTF-8
     */
    record Listed(Path file) implements ExportSelection {}

    /**
     * All whose IMSI begins so: with a PLMN, or with more.
     *
     * @param digits up to 15
     */
    static ExportSelection prefix(String digits) {
        if (!digits.matches("[0-9]{1,15}")) {
            throw new IllegalArgumentException("a prefix of IMSIs has 1 to 15 digits");
        }
        // ':' follows '9'.
        return new Range("imsi-" + digits, "imsi-" + digits + ":");
    }

    /** From the first to the last, both included. */
    static ExportSelection between(Supi first, Supi last) {
        // '-' comes before '0'.
        return new Range(first.value(), last.value() + "-");
    }
}
