package org.kiln.kms.seat;

import java.util.Optional;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A number that configuration gives to this process, of which something else sees to it that no second one runs. */
public final class OwnSeat implements Seats {

    private static final Logger LOG = LoggerFactory.getLogger(OwnSeat.class);

    private final SeqClock clock;
    private final Seat seat;

    /**
     * @param clock begins behind what the number's last life may have handed out
     * @throws StoreException if the first ceiling cannot be written
     */
    public OwnSeat(Database database, SeqClock clock, int node) {
        this.clock = clock;
        clock.notBefore(database.read(connection -> CeilingTable.read(connection, node)) + 1);
        seat = new Seat(
                node,
                new SqnCeiling(
                        clock,
                        tenths -> database.write(connection -> {
                            CeilingTable.write(connection, node, tenths);
                            return tenths;
                        })),
                Seat.Term.FOR_LIFE);
    }

    @Override
    public Optional<Seat> current() {
        return Optional.of(seat);
    }

    @Override
    public void keep() {
        try {
            seat.ceiling().renewIfDue(clock.now());
        } catch (StoreException e) {
            LOG.error("the sequence-number ceiling cannot be written: {}", e.getMessage());
        }
    }

    @Override
    public void close() {}
}
