package org.kiln.personalisation.demo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.kiln.kms.aka.AkaBuffer;
import org.kiln.kms.aka.AkaOutputs;
import org.kiln.kms.aka.BlockCipher;
import org.kiln.kms.aka.Milenage;
import org.kiln.kms.aka.MilenageConstants;
import org.kiln.kms.aka.Tuak;
import org.kiln.kms.aka.TuakParameters;

/** What a card computes with its Ki. */
interface CardAlgorithm {

    /** f1 to f5 of one challenge; the caller wipes them. */
    AkaOutputs compute(MemorySegment rand, long sqn, int amf);

    /** (SQN_MS ⊕ AK*) ‖ MAC-S, 14 octets (TS 33.102 clause 6.3.3). */
    byte[] auts(MemorySegment rand, long sqnMs);

    private static byte[] auts(long concealedSqn, long macS) {
        ByteBuffer auts = ByteBuffer.allocate(16);
        auts.putLong(concealedSqn << 16).putLong(6, macS);
        return Arrays.copyOf(auts.array(), 14);
    }

    /** TS 35.206. */
    final class OfMilenage implements CardAlgorithm {

        private final BlockCipher ki;
        private final MemorySegment opc;
        private final Milenage milenage = new Milenage(MilenageConstants.STANDARD);

        /**
         * @param ki encrypts blocks, wherever Ki is
         * @param opc 16 octets, the caller's to wipe
         */
        OfMilenage(BlockCipher ki, MemorySegment opc) {
            this.ki = ki;
            this.opc = opc;
        }

        @Override
        public AkaOutputs compute(MemorySegment rand, long sqn, int amf) {
            milenage.compute(ki, opc, rand, new long[] {sqn}, amf, 1);
            return milenage;
        }

        @Override
        public byte[] auts(MemorySegment rand, long sqnMs) {
            long akStar = milenage.resynchronise(ki, opc, rand, 0);
            milenage.resynchronise(ki, opc, rand, sqnMs ^ akStar);
            return CardAlgorithm.auts(sqnMs ^ akStar, milenage.macS());
        }
    }

    /** TS 35.231, with a MAC of 64 bits. */
    final class OfTuak implements CardAlgorithm {

        private final MemorySegment k;
        private final MemorySegment topc;
        private final Tuak tuak;
        private final AkaBuffer out = new AkaBuffer();

        /**
         * @param k 16 or 32 octets, the caller's to wipe
         * @param topc 32 octets, the caller's to wipe
         * @param chosen the operator's choices: a RES of 64 bits, CK and IK of 128
         */
        OfTuak(MemorySegment k, MemorySegment topc, TuakParameters chosen) {
            this.k = k;
            this.topc = topc;
            tuak = new Tuak(Arena.ofAuto().allocate(Tuak.WORKSPACE, 8)).with(chosen);
        }

        @Override
        public AkaOutputs compute(MemorySegment rand, long sqn, int amf) {
            tuak.compute(k, topc, rand, sqn, amf, out, 0);
            return out;
        }

        @Override
        public byte[] auts(MemorySegment rand, long sqnMs) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment macS = arena.allocate(8, 8);
                long akStar = tuak.resynchronise(k, topc, rand, 0, macS);
                long same = tuak.resynchronise(k, topc, rand, sqnMs ^ akStar, macS);
                if (same != sqnMs) {
                    throw new IllegalStateException("f5* of one challenge is not always the same");
                }
                return CardAlgorithm.auts(
                        sqnMs ^ akStar, macS.get(ValueLayout.JAVA_LONG.withOrder(java.nio.ByteOrder.BIG_ENDIAN), 0));
            }
        }
    }
}
