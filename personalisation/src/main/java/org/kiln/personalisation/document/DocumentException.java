package org.kiln.personalisation.document;

/** A document breaks a rule; the message says where, and which. */
public final class DocumentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public DocumentException(String message) {
        super(message);
    }
}
