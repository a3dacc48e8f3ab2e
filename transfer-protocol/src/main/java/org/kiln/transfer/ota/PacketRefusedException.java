package org.kiln.transfer.ota;

/** A packet was not taken. Its message never holds octets of it. */
public final class PacketRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final ResponseStatus status;

    PacketRefusedException(ResponseStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** What a card answers. */
    public ResponseStatus status() {
        return status;
    }
}
