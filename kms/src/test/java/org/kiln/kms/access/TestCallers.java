package org.kiln.kms.access;

import java.util.List;
import java.util.Optional;

/** Callers for tests of what is behind the question who calls. */
public final class TestCallers {

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
