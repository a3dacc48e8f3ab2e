package org.kiln.perf.measure;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AucSettings;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.server.AucNode;
import org.kiln.perf.plan.Costs;
import org.kiln.perf.scratch.ScratchData;

/**
 * Requests for one EPS vector to an authentication centre in this process, so many at a time that no lane is idle. What is
 * refused because lanes are full counts as work, not as an answer.
 */
record CentreMeasurement(AucNode node, int subscribers, int seconds) {

    private static final int AT_A_TIME = 64;
    private static final int HOT_SET = 1000;
    private static final int OPC_PLACE = 32;
    /** As configured unless told. */
    private static final int COLD_CAPACITY = 20_000;

    private static final long NANOS = 1_000_000_000L;
    private static final VectorKind KIND = VectorKind.EpsAka.of(new PlmnId("001", "01"));

    /** All keys are in use. */
    Costs.Request hot() {
        return measured(2 * HOT_SET, HOT_SET);
    }

    /** No keys are in use: by the time that one is asked for again, thousands have been. */
    Costs.Request cold() {
        return measured(Math.min(COLD_CAPACITY, subscribers / 4), subscribers);
    }

    private Costs.Request measured(int capacity, int asked) {
        try (AuthenticationCentre centre = new AuthenticationCentre(
                node.tokens(), node.storageKeys(), node.subscribers(), AucSettings.of(0, 1, capacity))) {
            int[] next = {0};
            IntSupplier turn = () -> next[0]++ % asked;
            drive(centre, turn, seconds);
            return drive(centre, turn, seconds);
        }
    }

    /** Memory of the heap, and of OPc off it, for a subscriber in use. */
    double openBytes(int count) {
        try (AuthenticationCentre centre = new AuthenticationCentre(
                node.tokens(), node.storageKeys(), node.subscribers(), AucSettings.of(0, 1, 2 * count))) {
            long heap = heapUsed();
            for (int number = 0; number < count; number++) {
                centre.authenticate(request(number)).join();
            }
            return (double) Math.max(0, heapUsed() - heap) / count + OPC_PLACE;
        }
    }

    private static long heapUsed() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static VectorRequest request(int number) {
        return new VectorRequest(ScratchData.supi(number), KIND, 1, Optional.empty());
    }

    private static Costs.Request drive(AuthenticationCentre centre, IntSupplier turn, int seconds) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Semaphore room = new Semaphore(AT_A_TIME);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        long sent = 0;
        LongAdder refused = new LongAdder();
        while (System.nanoTime() - start < seconds * NANOS) {
            room.acquireUninterruptibly();
            sent++;
            var _ = centre.authenticate(request(turn.getAsInt())).whenComplete((vectors, why) -> {
                if (why instanceof TokenBusyException) {
                    refused.increment();
                } else if (why != null) {
                    failure.set(why);
                }
                room.release();
            });
        }
        room.acquireUninterruptibly(AT_A_TIME);
        double elapsed = (double) (System.nanoTime() - start) / NANOS;
        double used = (system.getProcessCpuTime() - cpu) / 1e3;
        Throwable why = failure.get();
        if (why != null) {
            throw new MeasurementException("a request failed: " + why, why);
        }
        long done = sent - refused.sum();
        return new Costs.Request(used / done, done / elapsed);
    }
}
