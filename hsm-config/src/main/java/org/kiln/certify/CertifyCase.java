package org.kiln.certify;

/**
 * One promise of a token.
 *
 * @param name what it promises, in words
 * @param officer whether the security officer must log in for it
 */
public record CertifyCase(String name, boolean officer, Check check) {

    /** Tries the promise; returns if it is kept. */
    @FunctionalInterface
    public interface Check {

        /**
         * @throws BrokenPromise if the token answers otherwise
         * @throws NotApplicable if the profile says that the token has no such thing
         * @throws Exception whatever else goes wrong, which counts as a failure
         */
        void run(Bench bench) throws Exception;
    }

    /** The token does not keep the promise; the message says how. */
    public static final class BrokenPromise extends RuntimeException {

        private static final long serialVersionUID = 1L;

        BrokenPromise(String message) {
            super(message);
        }
    }

    /** The case does not apply to this family. */
    public static final class NotApplicable extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotApplicable(String message) {
            super(message);
        }
    }
}
