package org.kiln.kms.gsup;

/**
 * How long a peer may take, in milliseconds; what takes longer ends his connection.
 *
 * @param first from the connection's beginning until his first frame is whole
 * @param frame from a later frame's first octet to its last
 */
public record GsupPatience(int first, int frame) {

    /** Of a node. */
    public static final GsupPatience USUAL = new GsupPatience(30_000, 10_000);
}
