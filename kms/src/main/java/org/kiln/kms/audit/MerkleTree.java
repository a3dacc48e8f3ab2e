package org.kiln.kms.audit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;

/**
 * The Merkle tree of RFC 9162 (clause 2.1.1) with SHA-256, of which only the roots of its full subtrees are kept: one for each
 * bit of the number of leaves.
 */
final class MerkleTree {

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final Deque<byte[]> full;
    private long leaves;

    MerkleTree() {
        full = new ArrayDeque<>();
    }

    /** A copy, to which leaves are added without those of {@code other}. */
    MerkleTree(MerkleTree other) {
        full = new ArrayDeque<>(other.full);
        leaves = other.leaves;
    }

    long leaves() {
        return leaves;
    }

    void add(byte[] leaf) {
        byte[] root = sha256(new byte[] {LEAF}, leaf);
        for (long level = leaves; (level & 1) == 1; level >>= 1) {
            root = sha256(new byte[] {NODE}, full.pop(), root);
        }
        full.push(root);
        leaves++;
    }

    /** The root over all leaves, in hexadecimal; that of no leaves is the hash of nothing. */
    String root() {
        if (full.isEmpty()) {
            return HexFormat.of().formatHex(sha256());
        }
        Iterator<byte[]> fromTheRight = full.iterator();
        byte[] root = fromTheRight.next();
        while (fromTheRight.hasNext()) {
            root = sha256(new byte[] {NODE}, fromTheRight.next(), root);
        }
        return HexFormat.of().formatHex(root);
    }

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
