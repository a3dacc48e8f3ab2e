package org.kiln.transfer.batch;

/** The algorithm that wrapped a column's values. */
public enum Wrapping {
    /** AES key wrap with padding: RFC 5649, NIST SP 800-38F KWP. */
    AES_KWP,
    /** AES key wrap: RFC 3394, NIST SP 800-38F KW. */
    AES_KW
}
