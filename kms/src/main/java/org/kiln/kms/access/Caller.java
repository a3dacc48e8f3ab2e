package org.kiln.kms.access;

import org.jspecify.annotations.Nullable;

/**
 * Somebody who calls, in the role in which he does.
 *
 * @param name the principal's
 * @param partner the partner he belongs to; null for the operator's own people
 */
public record Caller(String name, Role role, @Nullable String partner) {

    /** Whether he belongs to this partner. */
    public boolean isOf(String name) {
        return name.equals(partner);
    }
}
