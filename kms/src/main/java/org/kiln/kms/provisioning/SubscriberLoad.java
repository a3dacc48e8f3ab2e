package org.kiln.kms.provisioning;

/**
 * A load file on its way in.
 *
 * @param sha256 of the whole file, hexadecimal
 * @param name the file's, as it was given first
 * @param skipsBad whether bad rows are left out
 * @param fileRows rows of the file, the header not counted
 * @param passed of them those that are staged or left out
 * @param released subscribers that are in the store
 * @param releasedTo the last of them, empty before the first
 * @param begunAt ISO 8601
 */
public record SubscriberLoad(
        int id,
        String sha256,
        String name,
        boolean skipsBad,
        long fileRows,
        long passed,
        State state,
        long released,
        String releasedTo,
        String begunAt) {

    /** How far a load has come. */
    public enum State {
        /** Rows are taken over; nobody of the file is served. */
        STAGING,
        /** The file is taken over; its subscribers come into the store. */
        RELEASING,
        /** The file is refused or given up; what was taken over is removed. */
        REMOVING
    }

    @Override
    public String toString() {
        return "SubscriberLoad[" + name + ", " + state + "]";
    }
}
