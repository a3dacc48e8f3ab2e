package org.kiln.perf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.kiln.kms.aka.AkaBuffer;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.Tuak;
import org.kiln.kms.aka.TuakParameters;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.pkcs11.Session;
import org.kiln.token.LockedMemory;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the engine of the guarded host does for a request of TUAK: Ki is read from under {@code SKH-1} into locked memory, every
 * time, and wiped; TOPc is in memory.
 */
@State(Scope.Thread)
public class TuakCaller {

    private static final int BLOCK = 16;
    private static final int KEY_OCTETS = 32;
    private static final int MOST_VECTORS = 32;
    private static final int AMF = 0x8000;

    private final Arena arena = Arena.ofShared();
    private final VectorGenerator generator = new VectorGenerator();
    private final VectorKind kind = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private final AkaBuffer outputs = new AkaBuffer();
    private final MemorySegment guarded = LockedMemory.allocate(KEY_OCTETS + Tuak.WORKSPACE);
    private final MemorySegment key = guarded.asSlice(0, KEY_OCTETS);
    private final Tuak tuak = new Tuak(guarded.asSlice(KEY_OCTETS));

    private StorageKeys storageKeys;
    private WrappedKey ki;
    private Session session;
    private MemorySegment topc;
    private MemorySegment rands;
    private long lastSqn;

    /** Opens the thread's session. */
    @Setup
    public void open(BenchmarkToken token) {
        storageKeys = token.storageKeys();
        ki = token.hostKi();
        session = token.openSession();
        topc = token.random(arena, KEY_OCTETS);
        rands = token.random(arena, (long) MOST_VECTORS * BLOCK);
    }

    /** EPS vectors with sequence numbers that rise by one. */
    List<AuthenticationVector> vectors(int count) {
        long[] sqns = new long[count];
        int amf = kind.amf(AMF);
        try {
            int octets = storageKeys.readHostKi(session, ki, key);
            tuak.with(TuakParameters.USUAL);
            for (int i = 0; i < count; i++) {
                sqns[i] = ++lastSqn;
                MemorySegment rand = rands.asSlice((long) i * BLOCK, BLOCK);
                tuak.compute(key.asSlice(0, octets), topc, rand, sqns[i], amf, outputs, i);
            }
            return generator.vectors(outputs, rands, sqns, amf, kind);
        } finally {
            guarded.fill((byte) 0);
            outputs.wipe();
        }
    }

    /** Closes the session. */
    @TearDown
    public void close() {
        session.close();
        arena.close();
    }
}
