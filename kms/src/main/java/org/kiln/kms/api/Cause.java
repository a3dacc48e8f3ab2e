package org.kiln.kms.api;

/**
 * Why a request to the authentication centre is refused: the {@code cause} of its {@link Problem}. Causes are TS 29.500's
 * (table 5.2.7.2-1) and the service's own (TS 29.503, TS 29.505) where one fits; docs/api.md says when each comes.
 */
public enum Cause {
    INVALID_MSG_FORMAT(400),
    MANDATORY_IE_INCORRECT(400),
    MANDATORY_IE_MISSING(400),
    AUTHENTICATION_REQUIRED(401),
    CALLER_UNKNOWN(401),
    INVALID_TOKEN(401),
    AUTHENTICATION_REJECTED(403),
    CLIENT_CERTIFICATE_REQUIRED(403),
    FOREIGN_SUBSCRIBER(403),
    INSUFFICIENT_SCOPE(403),
    INVALID_HN_PUBLIC_KEY_IDENTIFIER(403),
    INVALID_SCHEME_OUTPUT(403),
    MODIFICATION_NOT_ALLOWED(403),
    ROLE_NEEDED(403),
    SECOND_PERSON_NEEDED(403),
    APPROVAL_NOT_FOUND(404),
    DATA_NOT_FOUND(404),
    RESOURCE_NOT_FOUND(404),
    RESOURCE_URI_STRUCTURE_NOT_FOUND(404),
    USER_NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    APPROVAL_STATE(409),
    PATCH_CONFLICT(409),
    LENGTH_REQUIRED(411),
    PAYLOAD_TOO_LARGE(413),
    UNSUPPORTED_MEDIA_TYPE(415),
    NF_CONGESTION_RISK(429),
    SYSTEM_FAILURE(500),
    UNSUPPORTED_PROTECTION_SCHEME(501),
    NF_CONGESTION(503);

    private final int status;

    Cause(int status) {
        this.status = status;
    }

    /** The status that goes with it. */
    public int status() {
        return status;
    }
}
