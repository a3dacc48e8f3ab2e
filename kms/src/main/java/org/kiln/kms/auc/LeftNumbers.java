package org.kiln.kms.auc;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.kiln.kms.seat.Seat;
import org.kiln.kms.sqn.SqnSequence;
import org.kiln.transfer.numbering.Supi;

/**
 * What counters had reserved on disk, of subscribers who are no longer in use: so that one who comes back is given the rest and
 * nothing is written. Of so many; who has been away longest is let go, and begins at his mark.
 */
final class LeftNumbers {

    private final Map<Supi, Kept> bySupi;

    private record Kept(Seat seat, SqnSequence.Left left) {}

    /** @param most subscribers, of about 190 octets each */
    LeftNumbers(int most) {
        bySupi = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Supi, Kept> eldest) {
                return size() > most;
            }
        };
    }

    /** Keeps what is left of a subscriber's numbers, if anything is. */
    synchronized void keep(ActiveSubscriber forgotten) {
        forgotten.sequence().left().ifPresent(left -> {
            Supi supi = forgotten.subscriber().supi();
            bySupi.remove(supi);
            bySupi.put(supi, new Kept(forgotten.seat(), left));
        });
    }

    /** What was left of a subscriber's numbers on this seat, which is given out once. */
    synchronized Optional<SqnSequence.Left> take(Supi supi, Seat seat) {
        Kept kept = bySupi.remove(supi);
        return kept != null && kept.seat.equals(seat) ? Optional.of(kept.left) : Optional.empty();
    }
}
