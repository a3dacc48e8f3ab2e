package org.kiln.kms.provisioning;

/** Is told how an import goes. */
public interface ImportWatcher {

    /** The file is read and checked, before its keys are taken over. */
    default void checks(long octets, long of) {}

    /** An import of this file that was broken off goes on behind this row. */
    default void goesOn(long rows, long of) {}

    /** So many rows are taken over or left out. */
    default void takes(long rows, long of) {}

    /** So many subscribers are in the store, where they are served. */
    default void releases(long subscribers, long of) {}

    /** A row was left out; told at the end, by line. */
    default void skipped(String message) {}
}
