package org.kiln.kms.approval;

import java.time.Instant;

/**
 * Something that waits for a second person in another room, where he approves it.
 *
 * @param act as of an approval, such as {@code card-order}
 * @param object what, with all that the second person must know
 * @param requester the principal's name
 * @param expiresAt what is not approved by then is not approved
 * @param approveWith the command that approves it
 */
public record Waiting(
        String act, String object, String requester, Instant requestedAt, Instant expiresAt, String approveWith) {}
