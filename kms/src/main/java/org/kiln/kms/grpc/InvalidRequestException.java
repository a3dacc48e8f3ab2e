package org.kiln.kms.grpc;

/** A field of a request is missing or wrong; the message names it and says what it should be. */
final class InvalidRequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidRequestException(String message) {
        super(message, null, false, false);
    }
}
