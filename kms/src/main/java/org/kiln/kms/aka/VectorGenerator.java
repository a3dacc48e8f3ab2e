package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns challenges into vectors of the kind asked for. An instance owns its buffers and is used by one thread at a
 * time; nothing secret stays in it after a call.
 */
public final class VectorGenerator {

    private static final int BLOCK = 16;

    private final Milenage milenage = new Milenage(MilenageConstants.STANDARD);
    private final KeyDerivation kdf = new KeyDerivation();
    private final byte[] ckIk = new byte[2 * BLOCK];

    /**
     * Computes one vector for each RAND.
     *
     * @param cipher AES under the subscriber's Ki
     * @param opc 16 octets
     * @param rands one RAND of 16 octets for each sequence number, one after the other
     * @param sqns 48-bit sequence numbers, none used before
     * @param subscriberAmf the subscriber's AMF; the separation bit is the kind's affair
     */
    public List<AuthenticationVector> generate(
            BlockCipher cipher,
            MemorySegment opc,
            MemorySegment rands,
            long[] sqns,
            int subscriberAmf,
            VectorKind kind) {
        int amf = kind.amf(subscriberAmf);
        try {
            milenage.compute(cipher, opc, rands, sqns, amf, sqns.length);
            List<AuthenticationVector> vectors = new ArrayList<>(sqns.length);
            for (int i = 0; i < sqns.length; i++) {
                byte[] rand = new byte[BLOCK];
                MemorySegment.copy(rands, ValueLayout.JAVA_BYTE, (long) i * BLOCK, rand, 0, BLOCK);
                vectors.add(vector(i, rand, sqns[i] ^ milenage.ak(i), amf, kind));
            }
            return vectors;
        } finally {
            wipe();
        }
    }

    private AuthenticationVector vector(int i, byte[] rand, long sqnXorAk, int amf, VectorKind kind) {
        byte[] autn = new byte[BLOCK];
        KeyDerivation.putLong48(sqnXorAk, autn, 0);
        autn[6] = (byte) (amf >>> 8);
        autn[7] = (byte) amf;
        putLong(milenage.macA(i), autn, 8);
        byte[] res = new byte[8];
        putLong(milenage.res(i), res, 0);
        milenage.copyCk(i, ckIk, 0);
        milenage.copyIk(i, ckIk, BLOCK);
        kdf.key(ckIk);
        return switch (kind) {
            case VectorKind.FiveGHeAka(byte[] network) -> {
                byte[] xresStar = kdf.resStar(network, rand, res);
                Arrays.fill(res, (byte) 0);
                yield new AuthenticationVector.FiveGHe(rand, autn, xresStar, kdf.kausf(network, sqnXorAk));
            }
            case VectorKind.EpsAka(byte[] network) ->
                new AuthenticationVector.Eps(rand, autn, res, kdf.kasme(network, sqnXorAk));
            case VectorKind.EapAkaPrime(byte[] network) -> {
                byte[] primed = kdf.ckPrimeIkPrime(network, sqnXorAk);
                byte[] ckPrime = Arrays.copyOf(primed, BLOCK);
                byte[] ikPrime = Arrays.copyOfRange(primed, BLOCK, 2 * BLOCK);
                Arrays.fill(primed, (byte) 0);
                yield new AuthenticationVector.EapAkaPrime(rand, autn, res, ckPrime, ikPrime);
            }
            case VectorKind.UmtsAka _ ->
                new AuthenticationVector.Umts(
                        rand, autn, res, Arrays.copyOf(ckIk, BLOCK), Arrays.copyOfRange(ckIk, BLOCK, 2 * BLOCK));
        };
    }

    /**
     * Checks a synchronisation failure.
     *
     * @param rand the RAND of the challenge that failed, 16 octets of native memory
     * @param auts (SQN_MS ⊕ AK*) ‖ MAC-S, 14 octets
     * @return SQN_MS, or -1 if MAC-S is not the USIM's
     */
    public long verifyAuts(BlockCipher cipher, MemorySegment opc, MemorySegment rand, byte[] auts) {
        long concealed = 0;
        for (int i = 0; i < 6; i++) {
            concealed = (concealed << 8) | (auts[i] & 0xff);
        }
        long macS = 0;
        for (int i = 6; i < 14; i++) {
            macS = (macS << 8) | (auts[i] & 0xff);
        }
        try {
            long sqnMs = milenage.resynchronise(cipher, opc, rand, concealed);
            long difference = milenage.macS() ^ macS;
            return difference == 0 ? sqnMs : -1;
        } finally {
            wipe();
        }
    }

    private void wipe() {
        milenage.wipe();
        kdf.wipe();
        Arrays.fill(ckIk, (byte) 0);
    }

    private static void putLong(long value, byte[] target, int at) {
        for (int i = 0; i < 8; i++) {
            target[at + i] = (byte) (value >>> (56 - 8 * i));
        }
    }
}
