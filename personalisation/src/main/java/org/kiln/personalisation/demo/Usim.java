package org.kiln.personalisation.demo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.kiln.kms.aka.AkaOutputs;
import org.kiln.kms.aka.BlockCipher;
import org.kiln.kms.aka.KeyDerivation;
import org.kiln.kms.sqn.Sqn;

/**
 * The card's side of AKA (TS 33.102 clause 6.3.3), its Ki wherever {@link CardAlgorithm} has it: checks a challenge and
 * answers it, or answers with a synchronisation failure.
 */
public final class Usim {

    private static final int IND_VALUES = 32;
    private static final int MAC = 8;
    private static final int RES = 8;

    private final CardAlgorithm algorithm;
    private final long[] seqMs = new long[IND_VALUES];

    Usim(CardAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    /**
     * A card with Milenage.
     *
     * @param opc 16 octets, the caller's to wipe
     */
    public Usim(BlockCipher ki, MemorySegment opc) {
        this(new CardAlgorithm.OfMilenage(ki, opc));
    }

    /** What the card says to a challenge. */
    public sealed interface Answer {}

    /** The network is genuine and the challenge fresh. */
    public record Accepted(byte[] res, byte[] ckIk, long sqnXorAk) implements Answer {

        /** RES* for a serving network (TS 33.501 A.4). */
        public byte[] resStar(String servingNetworkName, byte[] rand) {
            KeyDerivation kdf = new KeyDerivation();
            kdf.key(ckIk);
            try {
                return kdf.resStar(KeyDerivation.octets(servingNetworkName), rand, res);
            } finally {
                kdf.wipe();
            }
        }

        @Override
        public String toString() {
            return "Accepted";
        }
    }

    /** The MAC is not the network's. */
    public record MacFailure() implements Answer {}

    /**
     * The sequence number is none the card may take.
     *
     * @param auts 14 octets: (SQN_MS ⊕ AK*) ‖ MAC-S
     */
    public record SynchronisationFailure(byte[] auts) implements Answer {

        @Override
        public String toString() {
            return "SynchronisationFailure";
        }
    }

    /** Lets another network advance the card's sequence numbers by {@code seqs}. */
    public void roam(long seqs) {
        Arrays.fill(seqMs, Arrays.stream(seqMs).max().orElseThrow() + seqs);
    }

    /**
     * Answers a challenge.
     *
     * @param rand 16 octets
     * @param autn 16 octets: SQN ⊕ AK, AMF, MAC-A
     */
    public Answer challenge(byte[] rand, byte[] autn) {
        long sqnXorAk = number(autn, 0, 6);
        int amf = (int) number(autn, 6, 8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment challenge = arena.allocateFrom(ValueLayout.JAVA_BYTE, rand);
            long sqn = sqnXorAk ^ algorithm.compute(challenge, 0, amf).ak(0);
            AkaOutputs outputs = algorithm.compute(challenge, sqn, amf);
            try {
                byte[] macA = new byte[MAC];
                outputs.copyMacA(0, macA, 0);
                if (number(macA, 0, MAC) != number(autn, 8, 16)) {
                    return new MacFailure();
                }
                if (!fresh(sqn)) {
                    return new SynchronisationFailure(algorithm.auts(
                            challenge, Arrays.stream(seqMs).max().orElseThrow() << Sqn.USUAL.indLength()));
                }
                byte[] ckIk = new byte[32];
                outputs.copyCk(0, ckIk, 0);
                outputs.copyIk(0, ckIk, 16);
                byte[] res = new byte[RES];
                outputs.copyRes(0, res, 0);
                return new Accepted(res, ckIk, sqnXorAk);
            } finally {
                outputs.wipe();
            }
        }
    }

    /** Annex C.2: newer than the last accepted with this IND, and not too far ahead of all. */
    private boolean fresh(long sqn) {
        int ind = (int) (sqn & (IND_VALUES - 1));
        long seq = Sqn.USUAL.seq(sqn);
        long highest = Arrays.stream(seqMs).max().orElseThrow();
        if (seq <= seqMs[ind] || seq - highest > Sqn.DELTA) {
            return false;
        }
        seqMs[ind] = seq;
        return true;
    }

    private static long number(byte[] octets, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = (number << 8) | (octets[i] & 0xff);
        }
        return number;
    }
}
