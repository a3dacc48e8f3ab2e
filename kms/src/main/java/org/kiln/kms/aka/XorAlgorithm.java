package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The test algorithm of TS 34.108 clause 8.1.2: XOR of K and RAND, turned. It protects nothing and is for laboratories;
 * every challenge gives K away.
 */
public final class XorAlgorithm {

    /** RES of 128 bits, as clause 8.1.2.1 suggests. */
    public static final AkaSizes SIZES = new AkaSizes(8, 16, 16, 16);

    private static final int K = 16;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long LOW_48 = 0xffff_ffff_ffffL;

    private XorAlgorithm() {}

    /**
     * f1 to f5 of one challenge, into row {@code i} of {@code out}, whose sizes are set here.
     *
     * @param k 16 octets
     * @param rand 16 octets
     * @param sqn 48 bits
     * @param amf 16 bits
     */
    public static void compute(MemorySegment k, MemorySegment rand, long sqn, int amf, AkaBuffer out, int i) {
        requireLength(k);
        out.sizes(SIZES);
        turned(k, rand, 0, out.res(i));
        turned(k, rand, 1, out.ck(i));
        turned(k, rand, 2, out.ik(i));
        out.ak(i, ak(out.res(i).get(WORD, 0), out.res(i).get(WORD, 8)));
        out.mac(i).set(WORD, 0, out.res(i).get(WORD, 0) ^ (sqn << 16 | amf));
    }

    private static void requireLength(MemorySegment k) {
        if (k.byteSize() != K) {
            throw new AkaException.WrongKeyLength("xor", k.byteSize(), "16");
        }
    }

    private static void turned(MemorySegment k, MemorySegment rand, int by, MemorySegment out) {
        for (int i = 0; i < K; i++) {
            int from = (i + by) % K;
            out.set(ValueLayout.JAVA_BYTE, i, (byte)
                    (k.get(ValueLayout.JAVA_BYTE, from) ^ rand.get(ValueLayout.JAVA_BYTE, from)));
        }
    }

    /** Octets 3 to 8 of XDOUT. */
    private static long ak(long high, long low) {
        return (high << 8 | low >>> 56) & LOW_48;
    }

    /**
     * Reads a synchronisation failure (clause 8.1.2.2); f5* is f5, and f1* is f1 with AMF 0000.
     *
     * @param macS 8 octets, where MAC-S goes that a true USIM would have sent
     * @return SQN_MS
     */
    public static long resynchronise(MemorySegment k, MemorySegment rand, long concealedSqn, MemorySegment macS) {
        requireLength(k);
        long high = k.get(WORD, 0) ^ rand.get(WORD, 0);
        long low = k.get(WORD, 8) ^ rand.get(WORD, 8);
        long sqnMs = concealedSqn ^ ak(high, low);
        macS.set(WORD, 0, high ^ sqnMs << 16);
        return sqnMs;
    }
}
