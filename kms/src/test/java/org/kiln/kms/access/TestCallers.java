package org.kiln.kms.access;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Callers for tests of what is behind the question who calls. */
public final class TestCallers {

    /** May all that a network may, and is locked out for an hour once he has asked for so many unknown subscribers. */
    public static Principal scanning(int unknown) {
        return new Principal(
                "scanner",
                List.of(Grant.of(Role.UDM), Grant.of(Role.HLR)),
                Optional.empty(),
                Optional.of(new ScanLimit(unknown, Duration.ofHours(1), Duration.ofHours(1))),
                caller -> {},
                System::nanoTime);
    }

    private TestCallers() {}

    /** Whom the network has for everything. */
    public static Principal network() {
        return new AccessRules(List.of()).laboratory();
    }

    /** One with these roles, as the configuration writes them. */
    public static Principal with(CallerLimit limit, String... roles) {
        return new Principal("tester", List.of(roles).stream().map(Grant::parse).toList(), Optional.ofNullable(limit));
    }
}
