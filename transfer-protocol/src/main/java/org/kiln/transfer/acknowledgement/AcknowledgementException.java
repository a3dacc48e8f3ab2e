package org.kiln.transfer.acknowledgement;

import java.io.IOException;

/**
 * An acknowledgement that does not answer for the batch it was to answer for. A signature that is wrong or of somebody else
 * is told by {@code EnvelopeException}.
 */
public abstract sealed class AcknowledgementException extends IOException {

    private static final long serialVersionUID = 1L;

    private AcknowledgementException(String message) {
        super(message);
    }

    /** What is signed is no acknowledgement: the message names the member that is wrong. */
    public static final class Malformed extends AcknowledgementException {

        private static final long serialVersionUID = 1L;

        Malformed(String fault) {
            super("What was signed is no acknowledgement: " + fault + ". Ask the recipient for a new one.");
        }
    }

    /** It answers for another order. */
    public static final class OtherOrder extends AcknowledgementException {

        private static final long serialVersionUID = 1L;

        OtherOrder(String found, String expected) {
            super("The acknowledgement is for order '" + found + "', not for '" + expected
                    + "'. File it there, and ask the recipient for this order's.");
        }
    }

    /** It answers for another batch of the order. */
    public static final class OtherBatch extends AcknowledgementException {

        private static final long serialVersionUID = 1L;

        OtherBatch(String found, String expected) {
            super("The acknowledgement is for batch '" + found + "', not for '" + expected
                    + "': it was sent again, or filed wrongly. Ask the recipient for this batch's.");
        }
    }

    /** It answers for a file that says something else than the one that was sent. */
    public static final class OtherContent extends AcknowledgementException {

        private static final long serialVersionUID = 1L;

        OtherContent() {
            super("The acknowledgement names order and batch, and the digest or quantity of another file. The recipient"
                    + " has not the file that was sent: stop him, and send it again.");
        }
    }

    /** It is signed by somebody who is trusted and is not the recipient. */
    public static final class OtherRecipient extends AcknowledgementException {

        private static final long serialVersionUID = 1L;

        OtherRecipient(String found, String expected) {
            super("The acknowledgement is by '" + found + "', and the batch was for '" + expected
                    + "'. Find out how the file came to him.");
        }
    }
}
