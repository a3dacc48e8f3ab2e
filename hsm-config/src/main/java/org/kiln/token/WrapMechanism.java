package org.kiln.token;

import org.jspecify.annotations.Nullable;

/**
 * The mechanism numbers of one way to wrap keys; null where the family cannot, or no source says that it can.
 *
 * @param wrap for {@code C_WrapKey}
 * @param unwrap for {@code C_UnwrapKey}
 */
public record WrapMechanism(@Nullable Long wrap, @Nullable Long unwrap) {

    /** Neither way. */
    public static final WrapMechanism NONE = new WrapMechanism(null, null);
}
