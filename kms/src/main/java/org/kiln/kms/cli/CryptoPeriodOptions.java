package org.kiln.kms.cli;

import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.server.ConfigurationException;
import picocli.CommandLine.Option;

/** From when and until when a new transport key may be used. */
final class CryptoPeriodOptions {

    @Option(
            names = "--from",
            paramLabel = "DATE",
            description = "the first day of use; until it is activated too, the key is PRE_ACTIVE")
    private @Nullable LocalDate from;

    @Option(names = "--until", paramLabel = "DATE", description = "the last day of use")
    private @Nullable LocalDate until;

    TransportKey.Period period() {
        if (from != null && until != null && until.isBefore(from)) {
            throw new ConfigurationException("--until " + until + " is before --from " + from);
        }
        return new TransportKey.Period(Optional.ofNullable(from), Optional.ofNullable(until));
    }
}
