package org.kiln.perf.measure;

/** A measurement could not be made; the message says why. */
public final class MeasurementException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public MeasurementException(String message, Throwable cause) {
        super(message, cause);
    }
}
