package org.kiln.kms.aka;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads a vector as the card would, knowing Ki and OPc. */
public final class TestCard {

    private static final long LOW_48 = 0xffff_ffff_ffffL;

    private final BlockCipher cipher;
    private final byte[] opc;

    public TestCard(byte[] ki, byte[] opc) {
        cipher = new SoftwareAes(ki);
        this.opc = opc.clone();
    }

    /** The SQN of a vector whose MAC is right; -1 if it is not. */
    public long sqn(AuthenticationVector vector) {
        byte[] autn = vector.autn();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rand = arena.allocateFrom(ValueLayout.JAVA_BYTE, vector.rand());
            MemorySegment opcMemory = arena.allocateFrom(ValueLayout.JAVA_BYTE, opc);
            Milenage milenage = new Milenage(MilenageConstants.STANDARD);
            int amf = (autn[6] & 0xff) << 8 | (autn[7] & 0xff);
            milenage.compute(cipher, opcMemory, rand, new long[] {0}, amf, 1);
            long sqn = (number(autn, 0, 6) ^ milenage.ak(0)) & LOW_48;
            milenage.compute(cipher, opcMemory, rand, new long[] {sqn}, amf, 1);
            return milenage.macA(0) == number(autn, 8, 8) ? sqn : -1;
        }
    }

    /** CK ‖ IK of a challenge, 32 octets. */
    public byte[] ckIk(byte[] rand) {
        byte[] keys = new byte[32];
        try (Arena arena = Arena.ofConfined()) {
            Milenage milenage = new Milenage(MilenageConstants.STANDARD);
            milenage.compute(
                    cipher,
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, opc),
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, rand),
                    new long[] {0},
                    0,
                    1);
            milenage.copyCk(0, keys, 0);
            milenage.copyIk(0, keys, 16);
        }
        return keys;
    }

    /** The AUTS with which a card whose highest SQN is {@code sqnMs} refuses the challenge {@code rand}. */
    public byte[] auts(byte[] rand, long sqnMs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment challenge = arena.allocateFrom(ValueLayout.JAVA_BYTE, rand);
            MemorySegment opcMemory = arena.allocateFrom(ValueLayout.JAVA_BYTE, opc);
            Milenage milenage = new Milenage(MilenageConstants.STANDARD);
            long akStar = milenage.resynchronise(cipher, opcMemory, challenge, 0);
            milenage.resynchronise(cipher, opcMemory, challenge, sqnMs ^ akStar);
            byte[] auts = new byte[14];
            KeyDerivation.putLong48(sqnMs ^ akStar, auts, 0);
            for (int i = 0; i < 8; i++) {
                auts[6 + i] = (byte) (milenage.macS() >>> (56 - 8 * i));
            }
            return auts;
        }
    }

    private static long number(byte[] octets, int at, int length) {
        long number = 0;
        for (int i = at; i < at + length; i++) {
            number = (number << 8) | (octets[i] & 0xff);
        }
        return number;
    }
}
