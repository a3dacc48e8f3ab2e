package org.kiln.perf.measure;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.server.AucNode;
import org.kiln.perf.plan.Costs;
import org.kiln.perf.scratch.ProcessMemory;
import org.kiln.perf.scratch.ScratchData;
import org.kiln.pkcs11.Mechanism;

/** The token's calls of one EPS vector, on one lane, each timed by the processor time of its thread. */
record TokenMeasurement(AucNode node, int calls) {

    private static final int BLOCK = 16;
    private static final int QUANTILES = 100;
    private static final int AMF = 0x8000;
    private static final VectorKind KIND = VectorKind.EpsAka.of(new PlmnId("001", "01"));

    Costs.Token measure() {
        WrappedKey ki =
                node.subscribers().find(ScratchData.supi(0)).orElseThrow().ki();
        return node.tokens().call(session -> {
            hot(session, ki);
            Costs.Times hot = hot(session, ki);
            cold(session, ki);
            return new Costs.Token(hot, cold(session, ki));
        });
    }

    /**
     * Memory of the token's library for one Ki in use. To be called before others were put away, whose room would be used
     * again.
     */
    double handleBytes(int count) {
        WrappedKey ki =
                node.subscribers().find(ScratchData.supi(0)).orElseThrow().ki();
        return node.tokens().call(session -> {
            long[] handles = new long[count];
            long before = ProcessMemory.resident();
            for (int i = 0; i < count; i++) {
                handles[i] = node.storageKeys().bringIntoUse(session, ki);
            }
            long grown = ProcessMemory.resident() - before;
            for (long handle : handles) {
                session.destroyObject(handle);
            }
            return (double) grown / count;
        });
    }

    private Costs.Times hot(LaneSession session, WrappedKey ki) {
        long key = node.storageKeys().bringIntoUse(session, ki);
        try (Arena arena = Arena.ofConfined()) {
            Caller caller = new Caller(session, node.tokens().profile().aesEcb(), arena);
            return timed(sqn -> caller.vector(key, sqn));
        } finally {
            session.destroyObject(key);
        }
    }

    private Costs.Times cold(LaneSession session, WrappedKey ki) {
        StorageKeys keys = node.storageKeys();
        try (Arena arena = Arena.ofConfined()) {
            Caller caller = new Caller(session, node.tokens().profile().aesEcb(), arena);
            return timed(sqn -> {
                long key = keys.bringIntoUse(session, ki);
                caller.vector(key, sqn);
                session.destroyObject(key);
            });
        }
    }

    private Costs.Times timed(LongConsumer call) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] nanos = new long[calls];
        for (int i = 0; i < calls; i++) {
            long start = threads.getCurrentThreadCpuTime();
            call.accept(i + 1);
            nanos[i] = threads.getCurrentThreadCpuTime() - start;
        }
        return times(nanos);
    }

    /** The mean, and the quantiles as means of equal shares of the sorted times, so that their mean is the mean. */
    static Costs.Times times(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        List<Double> quantiles = IntStream.range(0, QUANTILES)
                .mapToObj(i -> micros(sorted, sorted.length * i / QUANTILES, sorted.length * (i + 1) / QUANTILES))
                .toList();
        return new Costs.Times(micros(sorted, 0, sorted.length), quantiles);
    }

    private static double micros(long[] nanos, int from, int to) {
        double mean = Arrays.stream(nanos, from, to).average().orElseThrow();
        return Math.round(mean / 10) / 100.0;
    }

    /** What one lane owns. */
    private static final class Caller {

        private final LaneSession session;
        private final Mechanism aesEcb;
        private final MemorySegment opc;
        private final MemorySegment rand;
        private final VectorGenerator generator = new VectorGenerator();

        Caller(LaneSession session, Mechanism aesEcb, Arena arena) {
            this.session = session;
            this.aesEcb = aesEcb;
            opc = arena.allocate(BLOCK, 8);
            rand = arena.allocate(BLOCK, 8);
            session.generateRandom(opc);
            session.generateRandom(rand);
        }

        void vector(long key, long sqn) {
            generator.generate(
                    (in, length, out) -> session.encrypt(aesEcb, key, in, length, out),
                    opc,
                    rand,
                    new long[] {sqn},
                    AMF,
                    KIND);
        }
    }
}
