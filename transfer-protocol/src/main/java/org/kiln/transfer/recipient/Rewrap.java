package org.kiln.transfer.recipient;

/** Whether the values of an opened card may leave the token again under a wrapping key of the recipient. */
public enum Rewrap {
    /** They stay until they are destroyed ({@code CKA_EXTRACTABLE} is false). */
    FORBIDDEN,
    /** They may be wrapped, for example for a personalisation machine with a token of its own. */
    ALLOWED
}
