package org.kiln.kms.access;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A caller as the configuration has him.
 *
 * @param name what he is called in logs, metrics and the record of what was done
 * @param grants his roles
 * @param certificate which certificate is his; without one, a certificate whose common name is his name
 * @param limit how much he may ask for; without one, as much as the node can do
 */
public record CallerRule(String name, List<Grant> grants, CertificateMatch certificate, Optional<CallerLimit> limit) {

    /** Names of Kiln's own, which no caller has. */
    static final Set<String> RESERVED = Set.of(AccessRules.NOBODY, AccessRules.LABORATORY, AccessRules.BY_TOKEN);

    public CallerRule {
        grants = List.copyOf(grants);
        require(name.matches("[^\\s\\p{Cntrl}]{1,64}"), "a caller's name is a word of 1 to 64 characters");
        require(!RESERVED.contains(name), "'" + name + "' is a name of Kiln's own; choose another for the caller");
        require(!grants.isEmpty(), "caller '" + name + "' has no role");
        require(
                grants.stream()
                                .filter(each -> each.partner() != null)
                                .map(Grant::partner)
                                .distinct()
                                .count()
                        <= 1,
                "caller '" + name + "' belongs to more than one partner; give each a certificate of its own");
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(rule);
        }
    }

    /** What stands in the file. */
    private static final class Written {
        @JsonProperty
        private @Nullable String name;

        @JsonProperty
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        private @Nullable List<String> role;

        @JsonProperty
        private @Nullable CertificateMatch certificate;

        @JsonProperty
        private @Nullable CallerLimit limit;
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    private static CallerRule of(Written written) {
        if (written.name == null || written.role == null) {
            throw new IllegalArgumentException("a caller has a name and a role");
        }
        try {
            return new CallerRule(
                    written.name,
                    written.role.stream().map(Grant::parse).toList(),
                    written.certificate == null ? CertificateMatch.commonName(written.name) : written.certificate,
                    Optional.ofNullable(written.limit));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("caller '" + written.name + "': " + e.getMessage(), e);
        }
    }
}
