package org.kiln.kms.provisioning;

/** The register of transport keys refuses; the message says why and what to do. */
public final class TransportKeyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TransportKeyException(String message) {
        super(message);
    }
}
