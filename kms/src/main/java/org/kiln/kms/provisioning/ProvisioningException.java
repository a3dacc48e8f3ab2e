package org.kiln.kms.provisioning;

/** Why a single subscriber was not provisioned. Messages name no key material and no whole SUPI. */
public abstract sealed class ProvisioningException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private ProvisioningException(String message) {
        super(message, null, false, false);
    }

    /** No subscriber has this SUPI. */
    public static final class UnknownSubscriber extends ProvisioningException {
        private static final long serialVersionUID = 1L;

        UnknownSubscriber() {
            super("no subscriber has this SUPI");
        }
    }

    /** A value breaks its rule. */
    public static final class Refused extends ProvisioningException {
        private static final long serialVersionUID = 1L;

        private final String column;

        Refused(String column, String rule) {
            super(rule);
            this.column = column;
        }

        /** The column of a load file that stands for the value. */
        public String column() {
            return column;
        }
    }

    /** A value is missing that the algorithm needs. */
    public static final class Missing extends ProvisioningException {
        private static final long serialVersionUID = 1L;

        private final String column;

        Missing(String column) {
            super("the algorithm needs this value");
            this.column = column;
        }

        /** The column of a load file that stands for the value. */
        public String column() {
            return column;
        }
    }

    /** The change is not to be had. */
    public static final class NotAllowed extends ProvisioningException {
        private static final long serialVersionUID = 1L;

        NotAllowed(String message) {
            super(message);
        }
    }

    /** The token or the store cannot serve now; trying again may help. */
    public static final class Unavailable extends ProvisioningException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }
    }

    /** A record or a key is missing or damaged; a person must act. */
    public static final class Damaged extends ProvisioningException {
        private static final long serialVersionUID = 1L;

        Damaged() {
            super("a record or a key of this node cannot be used; see the log");
        }
    }
}
