package org.kiln.kms.hsm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Pkcs11Exception;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session, one platform thread, one bounded queue. The queue is drained in batches. A lane whose call does not
 * return is {@linkplain #dismiss dismissed}: its tasks go elsewhere, and its thread ends when the call comes back.
 */
final class Lane {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    private static final int BATCH = 64;

    /** Results that wait to be handed over together, at most. */
    private static final int MOST_ANSWERS = 16;

    /** From when the first of them was begun; what takes longer, as on a token across a network, is handed over at once. */
    private static final long LONGEST_HELD_NANOS = 500_000;

    private static final long PATIENCE_MILLIS = 2_000;

    /** What a lane needs of its token. */
    interface Owner {

        /** Opens a session for a lane of this token. */
        GuardedSession openSession(Lane lane);

        /** A new session could not be opened, or finds nobody logged in. */
        void sessionLost(Lane lane, RuntimeException why);

        /** Places a task that had not begun on another lane. */
        void placeElsewhere(LaneTask task);

        /** The lane's thread has left; it touches the token no more. */
        void departed(Lane lane);
    }

    private final Owner owner;
    private final BlockingQueue<LaneTask> queue;
    private final AtomicInteger load = new AtomicInteger();
    private final Queue<LaneTask> batch = new ArrayDeque<>(BATCH);
    private final Queue<LaneTask.Answering> answers = new ArrayDeque<>(MOST_ANSWERS);
    private final LaneThread thread;
    private volatile GuardedSession session;
    private volatile boolean closing;
    private volatile boolean dismissed;
    private long answersSince;
    private @Nullable LaneTask current;
    private boolean doubtful;
    private volatile boolean renewing;

    /** For the watch alone: the call it saw, and since when. */
    private int seenCall;

    private long seenSince;

    /** Opens the first session on the caller's thread. */
    Lane(String name, Owner owner, int capacity) {
        this.owner = owner;
        queue = new ArrayBlockingQueue<>(capacity);
        thread = new LaneThread(name, this);
        session = owner.openSession(this);
    }

    void start() {
        thread.start();
    }

    /** The thread of a lane. */
    static final class LaneThread extends Thread {

        private final Lane lane;

        LaneThread(String name, Lane lane) {
            super(name);
            this.lane = lane;
            setDaemon(true);
        }

        @Override
        public void run() {
            lane.work();
        }

        Lane lane() {
            return lane;
        }
    }

    String name() {
        return thread.getName();
    }

    LaneSession session() {
        return session;
    }

    /** Tasks that wait or run. */
    int load() {
        return load.get();
    }

    /** Queues a task; false if the lane is full or leaving. */
    boolean offer(LaneTask task) {
        if (closing || dismissed || !queue.offer(task)) {
            return false;
        }
        load.incrementAndGet();
        return !dismissed || !queue.remove(task);
    }

    /** After the task under way, the lane takes a new session. For the lane's own thread. */
    void doubtSession() {
        doubtful = true;
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Whether a call has been under way since before {@code deadlineNanos} ago. For one watching thread. */
    boolean overdue(long now, long deadlineNanos) {
        int call = renewing ? -1 : session.calls();
        if ((call & 1) == 0 || call != seenCall) {
            seenCall = call;
            seenSince = now;
            return false;
        }
        return now - seenSince > deadlineNanos;
    }

    /** Shuts the session and places all waiting tasks elsewhere; the task under way is told that it is lost. */
    void dismiss() {
        dismissed = true;
        session.shut();
        List<LaneTask> waiting = new ArrayList<>();
        LaneTask underWay;
        synchronized (this) {
            underWay = isCurrentThread() ? null : current;
            waiting.addAll(batch);
            batch.clear();
        }
        queue.drainTo(waiting);
        waiting.removeIf(task -> task == Wake.UP);
        wake();
        if (underWay != null) {
            underWay.lost(new TokenLostException(session.login().token()));
        }
        waiting.forEach(owner::placeElsewhere);
        answer();
    }

    /** Finishes what is queued and ends the thread; a call that lasts longer than two seconds is left behind. */
    void close() {
        closing = true;
        wake();
        int call;
        do {
            call = session.calls();
            try {
                thread.join(PATIENCE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        } while (thread.isAlive() && !((call & 1) == 1 && call == session.calls()));
    }

    private void wake() {
        queue.offer(Wake.UP);
    }

    /** Ends a lane's wait for tasks. */
    private enum Wake implements LaneTask {
        UP;

        @Override
        public void run(LaneSession session) {}

        @Override
        public void lost(RuntimeException why) {}
    }

    private void work() {
        while (!dismissed && !(closing && queue.isEmpty())) {
            refill(take());
            for (LaneTask task = next(); task != null; task = next()) {
                if (!(task instanceof LaneTask.Answering)) {
                    answer();
                }
                run(task);
                if (task != Wake.UP) {
                    load.decrementAndGet();
                }
                if (doubtful && !dismissed) {
                    renewSession();
                }
            }
            answer();
        }
        try {
            session.release();
        } catch (Pkcs11Exception e) {
            LOG.debug("{}: {}", name(), e.getMessage());
        }
        owner.departed(this);
    }

    private LaneTask take() {
        while (true) {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                LOG.debug("{} does not mind interruptions", name());
            }
        }
    }

    private void refill(LaneTask first) {
        synchronized (this) {
            batch.add(first);
            queue.drainTo(batch, BATCH - 1);
        }
        if (dismissed) {
            dismiss();
        }
    }

    private synchronized @Nullable LaneTask next() {
        current = batch.poll();
        return current;
    }

    private void run(LaneTask task) {
        long begun = System.nanoTime();
        try {
            task.run(session);
        } catch (RuntimeException e) {
            LOG.error("a task on {} failed without reporting it", name(), e);
        }
        if (task instanceof LaneTask.Answering answering) {
            hold(answering, begun);
        }
    }

    private void hold(LaneTask.Answering task, long begun) {
        boolean enough;
        synchronized (this) {
            if (answers.isEmpty()) {
                answersSince = begun;
            }
            answers.add(task);
            enough = answers.size() == MOST_ANSWERS || System.nanoTime() - answersSince > LONGEST_HELD_NANOS;
        }
        if (enough) {
            answer();
        }
    }

    /** Hands over what was held. */
    private void answer() {
        List<LaneTask.Answering> ready;
        synchronized (this) {
            ready = List.copyOf(answers);
            answers.clear();
        }
        for (LaneTask.Answering task : ready) {
            try {
                task.answer();
            } catch (RuntimeException e) {
                LOG.error("a task on {} failed to hand over its result", name(), e);
            }
        }
    }

    private void renewSession() {
        doubtful = false;
        renewing = true;
        GuardedSession old = session;
        try {
            old.release();
        } catch (Pkcs11Exception e) {
            LOG.debug("{}: {}", name(), e.getMessage());
        }
        try {
            session = owner.openSession(this);
        } catch (RuntimeException e) {
            owner.sessionLost(this, e);
        } finally {
            renewing = false;
        }
    }
}
