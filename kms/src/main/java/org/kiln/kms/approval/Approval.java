package org.kiln.kms.approval;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/**
 * An act that somebody asked for, and what has become of it.
 *
 * @param id ten hexadecimal digits
 * @param object to what, with all that the second person must know
 * @param reason in the requester's words
 * @param requester the principal's name
 * @param expiresAt what is not done by then is not done
 * @param decider the principal's name; empty until there is one
 * @param changedAt when it came into its state
 */
public record Approval(
        String id,
        Act act,
        String object,
        String reason,
        String requester,
        Instant requestedAt,
        Instant expiresAt,
        State state,
        String decider,
        Instant changedAt) {

    /** Where it stands. */
    public enum State {
        PENDING,
        APPROVED,
        REJECTED,
        /** Nobody decided in time, or it was not done in time. */
        EXPIRED,
        DONE
    }

    Approval become(State next, String by, Instant now) {
        return new Approval(id, act, object, reason, requester, requestedAt, expiresAt, next, by, now);
    }

    /** Whether it waits for something, and its time is over. */
    boolean isOverdue(Instant now) {
        return (state == State.PENDING || state == State.APPROVED) && !now.isBefore(expiresAt);
    }

    /** The octets that the row's code is computed over: every field, each with its length. */
    byte[] authenticated() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeUTF("approval/1");
            out.writeUTF(id);
            out.writeUTF(act.name());
            out.writeUTF(object);
            out.writeUTF(reason);
            out.writeUTF(requester);
            out.writeUTF(requestedAt.toString());
            out.writeUTF(expiresAt.toString());
            out.writeUTF(state.name());
            out.writeUTF(decider);
            out.writeUTF(changedAt.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }
}
