package org.kiln.kms.auc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Auts;
import org.kiln.kms.aka.Milenage;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.token.TokenProfile;

/** What one lane's thread needs to compute vectors: buffers, engines, a pool of random octets. */
final class VectorWorkbench {

    private final MemorySegment rands = Arena.ofAuto().allocate(16L * Milenage.MOST_VECTORS, 16);
    private final VectorGenerator generator = new VectorGenerator();
    private final RandomPool random = new RandomPool();
    private final TokenProfile profile;
    private final OpenKeys keys;
    private final VectorMeter meter;
    private final PortableEngine portable;
    private @Nullable VendorEngine vendor;
    private @Nullable GuardedHostEngine guardedHost;

    VectorWorkbench(TokenProfile profile, StorageKeys storage, ActiveSubscribers actives, VectorMeter meter) {
        this.profile = profile;
        this.meter = meter;
        keys = new OpenKeys(storage, actives);
        portable = new PortableEngine(profile.aesEcb(), keys, generator);
    }

    /** Vectors for the SEQs from {@code firstSeq} on, all with one IND. */
    List<AuthenticationVector> vectors(
            LaneSession session, ActiveSubscriber active, VectorKind kind, int amf, long firstSeq, int ind, int count) {
        long[] sqns = new long[count];
        for (int i = 0; i < count; i++) {
            sqns[i] = active.format().of(firstSeq + i, ind);
        }
        try {
            random.fill(session, rands.asSlice(0, 16L * count));
            List<AuthenticationVector> vectors =
                    engine(active).vectors(session, active, new Challenge(kind, amf, rands, sqns));
            meter.computed(active.engine(), active.subscriber().algorithm(), count);
            return vectors;
        } catch (RuntimeException e) {
            meter.failed(active.engine(), active.subscriber().algorithm(), count);
            throw e;
        }
    }

    /** SQN_MS of a synchronisation failure, or -1 if the card did not make it. */
    long sqnMs(LaneSession session, ActiveSubscriber active, VectorRequest.Resynchronisation failure) {
        MemorySegment.copy(failure.rand(), 0, rands, ValueLayout.JAVA_BYTE, 0, 16);
        return engine(active).sqnMs(session, active, rands.asSlice(0, 16), new Auts(failure.auts()));
    }

    private AkaEngine engine(ActiveSubscriber active) {
        return switch (active.engine()) {
            case PORTABLE -> portable;
            case VENDOR -> vendor();
            case GUARDED_HOST -> guardedHost();
        };
    }

    private AkaEngine vendor() {
        VendorEngine made = vendor;
        if (made == null) {
            made = new VendorEngine(profile, keys, generator);
            vendor = made;
        }
        return made;
    }

    private AkaEngine guardedHost() {
        GuardedHostEngine made = guardedHost;
        if (made == null) {
            made = new GuardedHostEngine(keys, generator);
            guardedHost = made;
        }
        return made;
    }
}
