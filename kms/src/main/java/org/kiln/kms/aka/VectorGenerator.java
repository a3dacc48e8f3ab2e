package org.kiln.kms.aka;

import java.lang.foreign.Arena;
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
    private static final int AUTN_BEFORE_MAC = 8;
    private static final int LONGEST_CK_IK = 64;

    private final Milenage milenage = new Milenage(MilenageConstants.STANDARD);
    private final KeyDerivation kdf = new KeyDerivation();
    private final MemorySegment macS = Arena.ofAuto().allocate(8, 8);
    private final byte[] ckIk = new byte[LONGEST_CK_IK];

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
        return generate(MilenageConstants.STANDARD, cipher, opc, rands, sqns, kind.amf(subscriberAmf), kind);
    }

    /**
     * Computes one vector for each RAND by Milenage.
     *
     * @param amf 16 bits, with the kind's separation bit
     * @see #generate(BlockCipher, MemorySegment, MemorySegment, long[], int, VectorKind)
     */
    public List<AuthenticationVector> generate(
            MilenageConstants constants,
            BlockCipher cipher,
            MemorySegment opc,
            MemorySegment rands,
            long[] sqns,
            int amf,
            VectorKind kind) {
        try {
            milenage.with(constants).compute(cipher, opc, rands, sqns, amf, sqns.length);
            return vectors(milenage, rands, sqns, amf, kind);
        } finally {
            milenage.wipe();
        }
    }

    /**
     * Makes vectors of what f1 to f5 gave, one for each sequence number. The outputs stay the caller's to wipe.
     *
     * @param rands the RANDs, 16 octets each
     * @param amf 16 bits, as it went into f1
     * @throws AkaException.KindNotServed if vectors of this kind cannot carry what the algorithm gave
     */
    public List<AuthenticationVector> vectors(
            AkaOutputs outputs, MemorySegment rands, long[] sqns, int amf, VectorKind kind) {
        kind.requireCarries(outputs.sizes());
        try {
            List<AuthenticationVector> vectors = new ArrayList<>(sqns.length);
            for (int i = 0; i < sqns.length; i++) {
                byte[] rand = new byte[BLOCK];
                MemorySegment.copy(rands, ValueLayout.JAVA_BYTE, (long) i * BLOCK, rand, 0, BLOCK);
                vectors.add(vector(outputs, i, rand, sqns[i] ^ outputs.ak(i), amf, kind));
            }
            return vectors;
        } finally {
            kdf.wipe();
            Arrays.fill(ckIk, (byte) 0);
        }
    }

    private AuthenticationVector vector(
            AkaOutputs outputs, int i, byte[] rand, long sqnXorAk, int amf, VectorKind kind) {
        AkaSizes sizes = outputs.sizes();
        byte[] autn = new byte[AUTN_BEFORE_MAC + sizes.mac()];
        KeyDerivation.putLong48(sqnXorAk, autn, 0);
        autn[6] = (byte) (amf >>> 8);
        autn[7] = (byte) amf;
        outputs.copyMacA(i, autn, AUTN_BEFORE_MAC);
        byte[] res = new byte[sizes.res()];
        outputs.copyRes(i, res, 0);
        outputs.copyCk(i, ckIk, 0);
        outputs.copyIk(i, ckIk, sizes.ck());
        kdf.key(ckIk);
        return switch (kind) {
            case VectorKind.FiveGHeAka(byte[] network) -> {
                byte[] xresStar = kdf.resStar(network, rand, res);
                Arrays.fill(res, (byte) 0);
                yield new AuthenticationVector.FiveGHe(rand, autn, xresStar, kdf.kausf(network, sqnXorAk));
            }
            case VectorKind.FiveGSeAka(byte[] network) -> {
                byte[] xresStar = kdf.resStar(network, rand, res);
                Arrays.fill(res, (byte) 0);
                byte[] kausf = kdf.kausf(network, sqnXorAk);
                kdf.key(kausf);
                Arrays.fill(kausf, (byte) 0);
                yield new AuthenticationVector.FiveGSe(
                        rand, autn, xresStar, kdf.hxresStar(rand, xresStar), kdf.kseaf(network));
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
                        rand,
                        autn,
                        res,
                        Arrays.copyOf(ckIk, sizes.ck()),
                        Arrays.copyOfRange(ckIk, sizes.ck(), sizes.ck() + sizes.ik()));
            case VectorKind.GsmAka _ -> {
                byte[] sres = GsmConversion.c2(res);
                Arrays.fill(res, (byte) 0);
                yield new AuthenticationVector.Gsm(rand, sres, GsmConversion.c3(ckIk));
            }
        };
    }

    /**
     * Checks a synchronisation failure of a standard Milenage.
     *
     * @param rand the RAND of the challenge that failed, 16 octets of native memory
     * @param auts (SQN_MS ⊕ AK*) ‖ MAC-S, 14 octets
     * @return SQN_MS, or -1 if MAC-S is not the USIM's
     */
    public long verifyAuts(BlockCipher cipher, MemorySegment opc, MemorySegment rand, byte[] auts) {
        return verifyAuts(MilenageConstants.STANDARD, cipher, opc, rand, new Auts(auts));
    }

    /** Checks a synchronisation failure by Milenage. */
    public long verifyAuts(
            MilenageConstants constants, BlockCipher cipher, MemorySegment opc, MemorySegment rand, Auts auts) {
        try {
            long sqnMs = milenage.with(constants).resynchronise(cipher, opc, rand, auts.concealedSqn());
            milenage.copyMacS(macS);
            return auts.macSIs(macS, AkaSizes.MILENAGE.mac()) ? sqnMs : -1;
        } finally {
            milenage.wipe();
            macS.fill((byte) 0);
        }
    }
}
