package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;

/** AES encryption of whole blocks under one subscriber's key, wherever that key is. */
@FunctionalInterface
public interface BlockCipher {

    /**
     * Encrypts each block of 16 octets by itself.
     *
     * @param in native memory
     * @param length a multiple of 16
     * @param out native memory of at least {@code length} octets
     */
    void encrypt(MemorySegment in, int length, MemorySegment out);
}
