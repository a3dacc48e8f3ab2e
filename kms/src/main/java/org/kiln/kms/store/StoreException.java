package org.kiln.kms.store;

/** The database cannot be opened or refused a statement. */
public sealed class StoreException extends RuntimeException permits StoreDamagedException {

    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    StoreException(String message) {
        super(message);
    }
}
