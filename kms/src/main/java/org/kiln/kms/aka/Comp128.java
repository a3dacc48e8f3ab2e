package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * COMP128 (GSM A3/A8 as deployed, never published by its owners): SRES and Kc from a Ki of 16 octets.
 *
 * <p>The state is in memory that the caller gives, for one thread, and is wiped before a computation returns.
 *
 * @deprecated for SIM cards that are still in the field only. Version 1 gives Ki away after some ten thousand chosen
 *     challenges, versions 1 and 2 give Kc 54 bits, and none authenticates the network. Move these subscribers to a USIM.
 */
@Deprecated
public final class Comp128 {

    /** Octets of memory that an instance needs. */
    public static final int WORKSPACE = 80;

    private static final int SRES = 4;
    private static final int KC = 8;
    private static final int ROUNDS = 8;

    private static final int X = 0;
    private static final int CHALLENGE = 16;
    private static final int SPARE = 32;
    private static final int MIX = 48;
    private static final int CHAIN = 64;

    private static final byte[][] COMPRESSION = {
        Comp128Tables.ROUND_1,
        Comp128Tables.ROUND_2,
        Comp128Tables.ROUND_3,
        Comp128Tables.ROUND_4,
        Comp128Tables.ROUND_5
    };

    private final MemorySegment w;

    /** @param workspace {@value #WORKSPACE} octets off the heap */
    public Comp128(MemorySegment workspace) {
        w = workspace.asSlice(0, WORKSPACE);
    }

    /**
     * Computes one response.
     *
     * @param version 1, 2 or 3
     * @param ki 16 octets
     * @param rand 16 octets
     * @param out SRES of 4 octets, then Kc of 8
     */
    public void compute(int version, MemorySegment ki, MemorySegment rand, MemorySegment out) {
        if (ki.byteSize() != 16) {
            throw new AkaException.WrongKeyLength("comp128-" + version, ki.byteSize(), "16");
        }
        try {
            switch (version) {
                case 1 -> first(ki, rand, out);
                case 2, 3 -> later(ki, rand, out);
                default -> throw new AkaException.WrongParameters("COMP128 has versions 1, 2 and 3, not " + version);
            }
            if (version == 2) {
                put(out, 10, get(out, 10) & 0xfc);
                put(out, 11, 0);
            }
        } finally {
            w.fill((byte) 0);
        }
    }

    private void first(MemorySegment ki, MemorySegment rand, MemorySegment out) {
        MemorySegment.copy(rand, 0, w, CHALLENGE, 16);
        for (int round = 1; round <= ROUNDS; round++) {
            MemorySegment.copy(ki, 0, w, X, 16);
            for (int level = 0; level < 5; level++) {
                compress(level);
            }
            if (round < ROUNDS) {
                permute();
            }
        }
        for (int i = 0; i < SRES; i++) {
            put(out, i, get(w, 2 * i) << 4 | get(w, 2 * i + 1));
        }
        for (int i = 0; i < 6; i++) {
            put(out, SRES + i, get(w, 2 * i + 18) << 6 | get(w, 2 * i + 19) << 2 | get(w, 2 * i + 20) >> 2);
        }
        put(out, SRES + 6, get(w, 30) << 6 | get(w, 31) << 2);
        put(out, SRES + 7, 0);
    }

    /** A butterfly of blocks that halve with each level; the values lose a bit each time. */
    private void compress(int level) {
        byte[] table = COMPRESSION[level];
        int half = 16 >> level;
        int mask = (32 << (4 - level)) - 1;
        for (int block = 0; block < 32; block += 2 * half) {
            for (int low = block; low < block + half; low++) {
                int a = get(w, low);
                int b = get(w, low + half);
                put(w, low, table[(a + 2 * b) & mask]);
                put(w, low + half, table[(2 * a + b) & mask]);
            }
        }
    }

    /** The 128 bits of the low nibbles, every 17th in turn, become the next challenge. */
    private void permute() {
        for (int octet = 0; octet < 16; octet++) {
            int bits = 0;
            for (int i = 8 * octet; i < 8 * octet + 8; i++) {
                int from = (17 * i) & 127;
                bits = (bits << 1) | ((get(w, from >> 2) >> (3 - (from & 3))) & 1);
            }
            put(w, SPARE + octet, bits);
        }
        MemorySegment.copy(w, SPARE, w, CHALLENGE, 16);
    }

    private void later(MemorySegment ki, MemorySegment rand, MemorySegment out) {
        for (int i = 0; i < 16; i++) {
            put(w, CHAIN + i, get(rand, 15 - i));
            put(w, MIX + i, get(ki, 15 - i) ^ get(rand, 15 - i));
        }
        for (int round = 0; round < ROUNDS; round++) {
            scramble();
        }
        for (int i = 0; i < SRES; i++) {
            put(out, i, get(w, CHAIN + 15 - i));
        }
        for (int i = 0; i < KC; i++) {
            put(out, SRES + i, get(w, CHAIN + 7 - i));
        }
    }

    private void scramble() {
        MemorySegment.copy(w, CHAIN, w, X, 16);
        MemorySegment.copy(w, MIX, w, CHALLENGE, 16);
        for (int level = 0; level < 5; level++) {
            for (int i = 0; i < 16; i++) {
                put(w, SPARE + i, substitute(get(w, CHALLENGE + i), get(w, X + i)));
            }
            spread(1 << level);
        }
        for (int octet = 0; octet < 16; octet++) {
            int bits = 0;
            for (int bit = 0; bit < 8; bit++) {
                int from = (19 * (bit + 8 * octet) + 19) % 256 / 8;
                bits |= ((get(w, from) >> ((3 * bit + 3) % 8)) & 1) << bit;
            }
            put(w, CHAIN + octet, bits);
        }
    }

    /** Interleaves runs of the substituted octets with runs that are substituted once more. */
    private void spread(int run) {
        for (int i = 0; i < run; i++) {
            for (int from = i; from < 16; from += run) {
                int to = 2 * (from - i) + i;
                put(w, to + run, substitute(get(w, SPARE + from), get(w, CHALLENGE + from)));
                put(w, to, get(w, SPARE + from));
            }
        }
    }

    private static int substitute(int inner, int outer) {
        return Comp128Tables.OUTER[(Comp128Tables.INNER[inner] & 0xff) ^ outer] & 0xff;
    }

    private static int get(MemorySegment segment, int at) {
        return segment.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    private static void put(MemorySegment segment, int at, int octet) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) octet);
    }
}
