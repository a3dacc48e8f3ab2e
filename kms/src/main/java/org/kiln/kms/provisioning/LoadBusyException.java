package org.kiln.kms.provisioning;

/** Two processes work on one load file; nothing is lost. */
public final class LoadBusyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LoadBusyException() {
        super("another process imports this file or gives it up; see 'kiln subscriber loads', and run this again when"
                + " it has ended");
    }
}
