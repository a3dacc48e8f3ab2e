package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Auts;
import org.kiln.kms.hsm.LaneSession;

/** A way to compute vectors. An instance belongs to one lane's thread and leaves nothing secret in its buffers. */
sealed interface AkaEngine permits PortableEngine, VendorEngine, GuardedHostEngine {

    /** Vectors for the challenges, by one who has entered the subscriber. */
    List<AuthenticationVector> vectors(LaneSession session, ActiveSubscriber active, Challenge challenge);

    /**
     * Checks a synchronisation failure.
     *
     * @param rand of the challenge that failed, 16 octets
     * @return SQN_MS, or -1 if the subscriber's card did not make it
     */
    long sqnMs(LaneSession session, ActiveSubscriber active, MemorySegment rand, Auts auts);
}
