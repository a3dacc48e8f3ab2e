package org.kiln.kms.sqn;

/** A subscriber's SEQ has left its range: the card must be replaced or resynchronised. */
public final class SqnExhaustedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SqnExhaustedException(long seq) {
        super("sequence number " + seq + " is outside its range; resynchronise the subscriber or replace the card");
    }
}
