package org.kiln.kms.seat;

import java.util.Optional;

/** Where a process has its seat from. Safe for use by many threads. */
public sealed interface Seats extends AutoCloseable permits OwnSeat, LeasedSeats {

    /** The seat that is held now, if one is. */
    Optional<Seat> current();

    /**
     * To be called about once a second: keeps the seat, or takes one when there is none, and renews the ceiling. Failures of the
     * database are logged, not thrown.
     */
    void keep();

    /** Gives the seat up; what was computed with it must have been handed out before. */
    @Override
    void close();
}
