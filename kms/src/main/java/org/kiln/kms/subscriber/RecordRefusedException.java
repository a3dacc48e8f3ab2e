package org.kiln.kms.subscriber;

import org.kiln.transfer.numbering.Supi;

/** A stored record does not bear its MAC: somebody or something changed it outside Kiln. */
public final class RecordRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RecordRefusedException(Supi supi) {
        super("the stored record of " + supi.masked()
                + " fails its integrity check and is not used; restore it from a backup or import the subscriber anew");
    }
}
