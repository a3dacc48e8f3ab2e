package org.kiln.kms.subscriber;

import java.util.Optional;
import java.util.stream.Stream;

/** How a 5G core authenticates a subscriber ({@code AuthMethod} of TS 29.505), as far as it takes his Ki. */
public enum AuthenticationMethod {
    /** 5G AKA (TS 33.501 clause 6.1.3.2). */
    FIVE_G_AKA("5G_AKA"),
    /** EAP-AKA′ (TS 33.501 clause 6.1.3.1). */
    EAP_AKA_PRIME("EAP_AKA_PRIME");

    private final String label;

    AuthenticationMethod(String label) {
        this.label = label;
    }

    /** The method as TS 29.505 names it; empty if it is none of these. */
    public static Optional<AuthenticationMethod> labelled(String label) {
        return Stream.of(values()).filter(method -> method.label.equals(label)).findFirst();
    }

    /** The name that TS 29.505 gives it. */
    public String label() {
        return label;
    }
}
