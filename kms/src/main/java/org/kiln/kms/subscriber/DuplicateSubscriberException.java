package org.kiln.kms.subscriber;

import org.kiln.transfer.numbering.Supi;

/** A subscriber with this SUPI is in the store already. */
public final class DuplicateSubscriberException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Supi supi;

    public DuplicateSubscriberException(Supi supi) {
        super("subscriber " + supi.masked() + " exists already");
        this.supi = supi;
    }

    public Supi supi() {
        return supi;
    }
}
