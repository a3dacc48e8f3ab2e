package org.kiln.kms.suci;

import java.util.Optional;
import org.kiln.kms.keys.Curve;

/** Protection schemes of TS 33.501 Annex C.2 and C.3. */
public enum ProtectionScheme {
    /** The identifier goes in the clear. */
    NULL(0),
    /** ECIES on X25519. */
    PROFILE_A(1),
    /** ECIES on P-256. */
    PROFILE_B(2);

    private final int code;

    ProtectionScheme(int code) {
        this.code = code;
    }

    /** The protection scheme identifier, 0 to 15. */
    public int code() {
        return code;
    }

    static Optional<ProtectionScheme> of(int code) {
        for (ProtectionScheme scheme : values()) {
            if (scheme.code == code) {
                return Optional.of(scheme);
            }
        }
        return Optional.empty();
    }

    /** @throws IllegalStateException for the null scheme, which has none */
    public Curve curve() {
        return switch (this) {
            case NULL -> throw new IllegalStateException("the null scheme has no curve");
            case PROFILE_A -> Curve.X25519;
            case PROFILE_B -> Curve.P256;
        };
    }
}
