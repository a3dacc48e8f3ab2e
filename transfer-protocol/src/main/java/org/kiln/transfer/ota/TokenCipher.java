package org.kiln.transfer.ota;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;

/** Enciphers, deciphers and authenticates with keys of a token. */
final class TokenCipher {

    private static final Mechanism CMAC = Mechanism.of(Ckm.AES_CMAC);

    private final Session session;
    private final PacketKeys keys;

    TokenCipher(Session session, PacketKeys keys) {
        this.session = session;
        this.keys = keys;
    }

    byte[] encrypt(byte[] blocks) {
        return cbc(keys.kic(), blocks);
    }

    byte[] decrypt(byte[] blocks) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(blocks.length);
            session.decrypt(keys.algorithm().cbc(), keys.kic(), in(arena, blocks), blocks.length, out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** The checksum over the parts, in the keys' length. */
    byte[] checksum(byte[]... parts) {
        byte[] covered = joined(parts);
        byte[] mac = keys.algorithm() == PacketAlgorithm.AES ? cmac(covered) : lastBlock(covered);
        return Arrays.copyOf(mac, keys.checksumOctets());
    }

    private byte[] cmac(byte[] covered) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(PacketAlgorithm.AES.block());
            session.sign(CMAC, keys.kid(), in(arena, covered), covered.length, out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** ISO/IEC 9797-1 algorithm 1 with padding method 1, its block cipher 3DES. */
    private byte[] lastBlock(byte[] covered) {
        int block = keys.algorithm().block();
        byte[] whole = Arrays.copyOf(covered, covered.length + padding(covered.length, block));
        byte[] enciphered = cbc(keys.kid(), whole);
        return Arrays.copyOfRange(enciphered, enciphered.length - block, enciphered.length);
    }

    private byte[] cbc(long key, byte[] blocks) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(blocks.length);
            session.encrypt(keys.algorithm().cbc(), key, in(arena, blocks), blocks.length, out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static MemorySegment in(Arena arena, byte[] octets) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, octets);
    }

    /** How many octets are missing to whole blocks. */
    static int padding(int octets, int block) {
        return Math.floorMod(-octets, block);
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
