package org.kiln.kms.suci;

/** Why a SUCI is not resolved. Messages say nothing of what was concealed. */
public abstract sealed class SuciException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private SuciException(String message) {
        super(message, null, false, false);
    }

    /** The text is no SUCI (TS 29.571 clause 5.3.2, {@code SupiOrSuci}). */
    public static final class Malformed extends SuciException {
        private static final long serialVersionUID = 1L;

        Malformed(String what) {
            super(what);
        }
    }

    /** The scheme is none of null, A and B. */
    public static final class UnsupportedScheme extends SuciException {
        private static final long serialVersionUID = 1L;

        UnsupportedScheme(int code) {
            super("protection scheme " + code + " is not served; use the null scheme, profile A or profile B");
        }
    }

    /** No key of this identifier and scheme is in use. */
    public static final class UnknownKey extends SuciException {
        private static final long serialVersionUID = 1L;

        UnknownKey(int identifier, ProtectionScheme scheme) {
            super("no home-network key with identifier " + identifier + " serves " + scheme
                    + "; see 'kiln suci-key list'");
        }
    }

    /** The scheme output is of no proper form, its point is unusable, its tag is wrong, or what it hides is no name. */
    public static final class InvalidOutput extends SuciException {
        private static final long serialVersionUID = 1L;

        InvalidOutput(String what) {
            super("the scheme output is invalid: " + what);
        }
    }

    /** The token cannot serve now. */
    public static final class Unavailable extends SuciException {
        private static final long serialVersionUID = 1L;

        Unavailable() {
            super("the token cannot serve now; see the log");
        }
    }

    /** The register has the key and the token has not. */
    public static final class KeyMissing extends SuciException {
        private static final long serialVersionUID = 1L;

        KeyMissing() {
            super("a home-network key cannot be used; see the log");
        }
    }
}
