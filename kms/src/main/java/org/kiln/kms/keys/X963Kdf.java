package org.kiln.kms.keys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The key derivation of ANSI X9.63 (SEC 1 clause 3.6.1) with SHA-256, for tokens that agree and do not derive. */
public final class X963Kdf {

    /** Octets of the one block that is computed. */
    public static final int OCTETS = 32;

    private static final byte[] FIRST = {0, 0, 0, 1};

    private X963Kdf() {}

    /**
     * SHA-256(secret || 00000001 || sharedInfo). The digest runs over heap arrays that live for this call and are wiped.
     *
     * @param secret off the heap; the caller wipes it
     * @param out {@value #OCTETS} octets off the heap, which the caller wipes
     */
    public static void derive(MemorySegment secret, byte[] sharedInfo, MemorySegment out) {
        byte[] shared = secret.toArray(ValueLayout.JAVA_BYTE);
        byte[] hash = new byte[OCTETS];
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(shared);
            sha256.update(FIRST);
            sha256.update(sharedInfo);
            sha256.digest(hash, 0, OCTETS);
            MemorySegment.copy(hash, 0, out, ValueLayout.JAVA_BYTE, 0, OCTETS);
        } catch (NoSuchAlgorithmException | DigestException e) {
            throw new IllegalStateException(e);
        } finally {
            Arrays.fill(shared, (byte) 0);
            Arrays.fill(hash, (byte) 0);
        }
    }
}
