package org.kiln.kms.aka;

/**
 * A key, a constant or a request that an authentication algorithm cannot take; known before any token is asked. Messages
 * say what to do and show no value of a key.
 */
public abstract sealed class AkaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private AkaException(String message) {
        super(message, null, false, false);
    }

    /** K has a length that its algorithm does not have. */
    public static final class WrongKeyLength extends AkaException {
        private static final long serialVersionUID = 1L;

        public WrongKeyLength(String algorithm, long octets, String allowed) {
            super("a K of " + octets + " octets is no key of " + algorithm + ", which has " + allowed
                    + "; correct the algorithm or the key");
        }
    }

    /** K lies where its algorithm's engine must not or cannot use it. */
    public static final class WrongKeyType extends AkaException {
        private static final long serialVersionUID = 1L;

        public WrongKeyType(String message) {
            super(message);
        }
    }

    /** OPc or TOPc is not what OP or TOP gives under this K. */
    public static final class OpcMismatch extends AkaException {
        private static final long serialVersionUID = 1L;

        public OpcMismatch(String constant) {
            super(constant + "c is not what " + constant + " gives under this K: one of the three belongs to another"
                    + " card or operator; give only the one that is right");
        }
    }

    /** An AMF that is no 16 bits. */
    public static final class WrongAmfLength extends AkaException {
        private static final long serialVersionUID = 1L;

        public WrongAmfLength() {
            super("an AMF has 2 octets: 0000 to ffff");
        }
    }

    /** The AMF's separation bit is not what the network asked for must have (TS 33.102 Annex H). */
    public static final class WrongSeparationBit extends AkaException {
        private static final long serialVersionUID = 1L;

        public WrongSeparationBit(boolean mustBeSet) {
            super(
                    mustBeSet
                            ? "the AMF's separation bit must be 1 in vectors for EPS, 5G and EAP-AKA'; use 8000 or leave the"
                                    + " AMF out"
                            : "the AMF's separation bit must be 0 in vectors for GSM, UMTS, IMS, GBA and EAP-AKA; use 0000 or"
                                    + " leave the AMF out");
        }
    }

    /** Parameters that an algorithm does not have, such as sizes of TUAK. */
    public static final class WrongParameters extends AkaException {
        private static final long serialVersionUID = 1L;

        public WrongParameters(String message) {
            super(message);
        }
    }

    /** The algorithm is not switched on here. */
    public static final class NotSwitchedOn extends AkaException {
        private static final long serialVersionUID = 1L;

        public NotSwitchedOn(String algorithm, String how) {
            super(algorithm + " is not switched on here; " + how);
        }
    }

    /** The subscriber's algorithm cannot give vectors of the kind asked for. */
    public static final class KindNotServed extends AkaException {
        private static final long serialVersionUID = 1L;

        public KindNotServed(String message) {
            super(message);
        }
    }
}
