package org.kiln.kms.hsm;

/** Work for a lane. A task is told its end once: {@link #run} returns, or {@link #lost} is called. */
public interface LaneTask {

    /**
     * Does the work on the lane's thread, without waiting for other tasks. Whatever it throws is logged by the lane and
     * otherwise lost, so a task reports its own failures.
     */
    void run(LaneSession session);

    /**
     * The task's lane is gone. If the task was running it may still be in a call that does not return; what it does
     * from now on must have no effect.
     */
    void lost(RuntimeException why);

    /**
     * A task whose result is handed over in a step of its own, which the lane puts off until a few such tasks have run, half a
     * millisecond is over or it has nothing else to do: whoever waits for many is then woken once.
     */
    interface Answering extends LaneTask {

        /** Hands over what {@link #run} left, if anything; on any thread, once, when {@link #run} has returned. */
        void answer();
    }
}
