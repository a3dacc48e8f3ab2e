package org.kiln.transfer.tr31;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * AES over native memory, block by block (FIPS 197), with CMAC (NIST SP 800-38B) and CBC (SP 800-38A) on it.
 *
 * <p>Each block passes through 16 octets of the heap, which {@link #close} overwrites. The cipher takes the key as an array
 * and keeps its own key schedule: the array is overwritten at once, the schedule is not reachable and lives until the
 * garbage collector takes the cipher.
 */
final class Aes implements AutoCloseable {

    static final int BLOCK = 16;

    private static final int REDUCTION = 0x87;
    private static final byte PADDING = (byte) 0x80;

    private final BlockCipher cipher = AESEngine.newInstance();
    private final byte[] scratch = new byte[BLOCK];

    private Aes(Secret key, boolean encrypts) {
        byte[] octets = key.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE);
        KeyParameter parameter = new KeyParameter(octets);
        try {
            cipher.init(encrypts, parameter);
        } finally {
            Arrays.fill(octets, (byte) 0);
            Arrays.fill(parameter.getKey(), (byte) 0);
        }
    }

    static Aes encrypting(Secret key) {
        return new Aes(key, true);
    }

    static Aes decrypting(Secret key) {
        return new Aes(key, false);
    }

    /** Encrypts whole blocks in place. */
    void cbcEncrypt(byte[] iv, MemorySegment data) {
        byte[] chain = iv.clone();
        for (long at = 0; at < data.byteSize(); at += BLOCK) {
            load(data, at);
            xor(scratch, chain);
            cipher.processBlock(scratch, 0, chain, 0);
            MemorySegment.copy(chain, 0, data, ValueLayout.JAVA_BYTE, at, BLOCK);
        }
    }

    /** Decrypts whole blocks in place. */
    void cbcDecrypt(byte[] iv, MemorySegment data) {
        byte[] chain = iv.clone();
        byte[] next = new byte[BLOCK];
        for (long at = 0; at < data.byteSize(); at += BLOCK) {
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, next, 0, BLOCK);
            cipher.processBlock(next, 0, scratch, 0);
            xor(scratch, chain);
            MemorySegment.copy(scratch, 0, data, ValueLayout.JAVA_BYTE, at, BLOCK);
            System.arraycopy(next, 0, chain, 0, BLOCK);
        }
    }

    /** The MAC of {@code message}, at least one octet; 16 octets that are no secret of the message's. */
    byte[] cmac(MemorySegment message) {
        byte[] subkey = new byte[BLOCK];
        byte[] mac = new byte[BLOCK];
        cipher.processBlock(subkey, 0, subkey, 0);
        twice(subkey);
        long last = (message.byteSize() - 1) / BLOCK * BLOCK;
        for (long at = 0; at < last; at += BLOCK) {
            load(message, at);
            xor(mac, scratch);
            cipher.processBlock(mac, 0, mac, 0);
        }
        int rest = (int) (message.byteSize() - last);
        Arrays.fill(scratch, (byte) 0);
        MemorySegment.copy(message, ValueLayout.JAVA_BYTE, last, scratch, 0, rest);
        if (rest < BLOCK) {
            scratch[rest] = PADDING;
            twice(subkey);
        }
        xor(mac, scratch);
        xor(mac, subkey);
        cipher.processBlock(mac, 0, mac, 0);
        Arrays.fill(subkey, (byte) 0);
        return mac;
    }

    /** As {@link #cmac(MemorySegment)}, of a MAC that is itself a secret: into native memory. */
    void cmac(MemorySegment message, MemorySegment out) {
        byte[] mac = cmac(message);
        MemorySegment.copy(mac, 0, out, ValueLayout.JAVA_BYTE, 0, BLOCK);
        Arrays.fill(mac, (byte) 0);
    }

    private void load(MemorySegment data, long at) {
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, scratch, 0, BLOCK);
    }

    private static void xor(byte[] into, byte[] other) {
        for (int i = 0; i < BLOCK; i++) {
            into[i] ^= other[i];
        }
    }

    /** Multiplies by x in GF(2^128). */
    private static void twice(byte[] block) {
        int carry = 0;
        for (int i = BLOCK - 1; i >= 0; i--) {
            int octet = block[i] & 0xFF;
            block[i] = (byte) (octet << 1 | carry);
            carry = octet >> 7;
        }
        block[BLOCK - 1] ^= (byte) (carry * REDUCTION);
    }

    @Override
    public void close() {
        Arrays.fill(scratch, (byte) 0);
    }
}
