package org.kiln.kms.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who may call.
 *
 * @param name the common name of his certificate; in the laboratory, what his header {@code kiln-caller} says
 * @param partner the partner he belongs to; null for the operator's own people
 */
public record Caller(String name, Role role, @Nullable String partner) {

    /**
     * A caller as the configuration names him.
     *
     * @param role {@code operator}, {@code auditor}, {@code card-vendor:<partner>}, {@code recipient:<partner>} or
     *     {@code identity-broker:<partner>}
     * @throws IllegalArgumentException if it is none of these
     */
    @JsonCreator
    public static Caller of(@JsonProperty("name") String name, @JsonProperty("role") String role) {
        String[] parts = role.split(":", 2);
        for (Role known : Role.values()) {
            if (known.label().equals(parts[0])
                    && known.isPartners() == (parts.length == 2)
                    && (parts.length == 1 || !parts[1].isBlank())) {
                return new Caller(name, known, parts.length == 2 ? parts[1] : null);
            }
        }
        throw new IllegalArgumentException("the role of caller '" + name
                + "' is operator, auditor, card-vendor:<partner>, recipient:<partner> or identity-broker:<partner>, not "
                + role);
    }

    /** Whether he belongs to this partner. */
    public boolean isOf(String name) {
        return name.equals(partner);
    }
}
