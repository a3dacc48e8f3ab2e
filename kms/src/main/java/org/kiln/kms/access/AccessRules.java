package org.kiln.kms.access;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Who is known: the callers of the configuration, in its order. Nobody else may do anything. */
public final class AccessRules {

    static final String NOBODY = "nobody";
    static final String LABORATORY = "laboratory";
    static final String BY_TOKEN = "access-token";

    private static final String NF_INSTANCE = "urn:uuid:";

    private final List<CallerRule> rules;
    private final Map<String, Principal> byName = new HashMap<>();
    private final Map<String, Principal> byNetworkFunction = new HashMap<>();
    private final Principal nobody = new Principal(NOBODY, List.of(), Optional.empty());
    private final Principal laboratory;
    private final Principal byToken;

    /** @throws IllegalArgumentException if two have one name */
    public AccessRules(List<CallerRule> rules) {
        this(rules, Optional.empty(), caller -> {});
    }

    /**
     * @param scan when a caller is taken to go through numbers; without one, never
     * @param alarm is told who does, and must not wait
     * @throws IllegalArgumentException if two have one name
     */
    public AccessRules(List<CallerRule> rules, Optional<ScanLimit> scan, Consumer<Principal> alarm) {
        this.rules = List.copyOf(rules);
        laboratory = new Principal(
                LABORATORY,
                List.of(Grant.of(Role.UDM), Grant.of(Role.HLR), Grant.of(Role.PROVISIONER), Grant.of(Role.MONITOR)),
                Optional.empty(),
                scan,
                alarm,
                System::nanoTime);
        byToken = new Principal(
                BY_TOKEN,
                List.of(Grant.of(Role.UDM), Grant.of(Role.PROVISIONER)),
                Optional.empty(),
                scan,
                alarm,
                System::nanoTime);
        for (CallerRule rule : rules) {
            Principal principal =
                    new Principal(rule.name(), rule.grants(), rule.limit(), scan, alarm, System::nanoTime);
            if (byName.put(rule.name(), principal) != null) {
                throw new IllegalArgumentException(
                        "callers has '" + rule.name() + "' twice; one caller has one entry, with all of his roles");
            }
            rule.certificate().uris().stream()
                    .filter(uri -> uri.startsWith(NF_INSTANCE))
                    .forEach(uri -> byNetworkFunction.put(uri.substring(NF_INSTANCE.length()), principal));
        }
    }

    /** Whose certificate it is: the first caller's whose conditions it fits; else nobody's. */
    public Principal ofCertificate(X509Certificate certificate) {
        for (CallerRule rule : rules) {
            if (rule.certificate().fits(certificate)) {
                return byName.getOrDefault(rule.name(), nobody);
            }
        }
        return nobody;
    }

    /** The caller of this name; else nobody. */
    public Principal named(String name) {
        return byName.getOrDefault(name, nobody);
    }

    /**
     * Whoever shows an access token: the caller whose certificate would have {@code urn:uuid:} and this id; else one whom the
     * token's scopes alone confine.
     *
     * @param instance NF instance id, the token's {@code sub}
     */
    public Principal ofNetworkFunction(String instance) {
        return byNetworkFunction.getOrDefault(instance, byToken);
    }

    /** Nobody. */
    public Principal nobody() {
        return nobody;
    }

    /** Who calls without a name at a listener without TLS: everything that the network and its operation need. */
    public Principal laboratory() {
        return laboratory;
    }

    /** All principals there can be. */
    public List<Principal> principals() {
        List<Principal> all = new ArrayList<>(byName.values());
        all.addAll(List.of(nobody, laboratory, byToken));
        return all;
    }
}
