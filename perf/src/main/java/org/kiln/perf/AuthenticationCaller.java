package org.kiln.perf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Milenage;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What one lane owns: a session, a generator, and here a Ki kept in use and the inputs of a request. */
@State(Scope.Thread)
public class AuthenticationCaller {

    private static final int BLOCK = 16;
    private static final int AMF = 0x8000;

    private final Arena arena = Arena.ofShared();
    private final VectorGenerator generator = new VectorGenerator();
    private final VectorKind kind = VectorKind.EpsAka.of(new PlmnId("001", "01"));

    private StorageKeys storageKeys;
    private WrappedKey ki;
    private Mechanism aesEcb;
    private Session session;
    private MemorySegment opc;
    private MemorySegment rands;
    private long keptKi;
    private long lastSqn;

    /** Opens the thread's session and keeps a Ki in use. */
    @Setup
    public void open(BenchmarkToken token) {
        storageKeys = token.storageKeys();
        ki = token.ki();
        aesEcb = token.aesEcb();
        session = token.openSession();
        opc = token.random(arena, BLOCK);
        rands = token.random(arena, (long) Milenage.MOST_VECTORS * BLOCK);
        keptKi = bringKiIntoUse();
    }

    /** Unwraps the Ki under the locked storage key, as a session object of this thread's session. */
    long bringKiIntoUse() {
        return storageKeys.bringIntoUse(session, ki);
    }

    void destroy(long key) {
        session.destroyObject(key);
    }

    long keptKi() {
        return keptKi;
    }

    /** EPS vectors with sequence numbers that rise by one. */
    List<AuthenticationVector> vectors(long key, int count) {
        long[] sqns = new long[count];
        for (int i = 0; i < count; i++) {
            sqns[i] = ++lastSqn;
        }
        return generator.generate(
                (in, length, out) -> session.encrypt(aesEcb, key, in, length, out), opc, rands, sqns, AMF, kind);
    }

    /** Closes the session. */
    @TearDown
    public void close() {
        session.destroyObject(keptKi);
        session.close();
        arena.close();
    }
}
