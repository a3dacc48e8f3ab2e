package org.kiln.kms.hsm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One session, one platform thread, one bounded queue. The queue is drained in batches. */
final class Lane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    private static final int BATCH = 64;

    private final Session session;
    private final BlockingQueue<LaneTask> queue;
    private final Thread thread;
    private volatile boolean closing;

    Lane(String name, Session session, int capacity) {
        this.session = session;
        queue = new ArrayBlockingQueue<>(capacity);
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::work);
        thread.start();
    }

    /** Queues a task; false if the lane is full or closing. */
    boolean offer(LaneTask task) {
        return !closing && queue.offer(task);
    }

    int queued() {
        return queue.size();
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    Session session() {
        return session;
    }

    private void work() {
        List<LaneTask> batch = new ArrayList<>(BATCH);
        while (!closing || !queue.isEmpty()) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                continue;
            }
            queue.drainTo(batch, BATCH - 1);
            for (int i = 0; i < batch.size(); i++) {
                run(batch.get(i));
            }
            batch.clear();
        }
    }

    private void run(LaneTask task) {
        try {
            task.run(session);
        } catch (RuntimeException e) {
            LOG.error("a task on {} failed without reporting it", thread.getName(), e);
        }
    }

    /** Finishes what is queued, then closes the session. */
    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            session.close();
        } catch (Pkcs11Exception e) {
            LOG.warn("{}: {}", thread.getName(), e.getMessage());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
