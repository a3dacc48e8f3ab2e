package org.kiln.kms.suci;

import java.util.Optional;
import org.kiln.transfer.numbering.Supi;

/**
 * A SUPI of either type (TS 23.003 clause 2.2A).
 *
 * @param value {@code imsi-} and digits, or {@code nai-} and a network access identifier
 */
public record PermanentIdentifier(String value) {

    /** The SUPI, if it is an IMSI: Kiln's subscribers have no other. */
    public Optional<Supi> imsi() {
        return value.startsWith("imsi-") ? Optional.of(new Supi(value)) : Optional.empty();
    }

    /** The type only, for logs. */
    @Override
    public String toString() {
        return value.substring(0, value.indexOf('-') + 1) + "*";
    }
}
