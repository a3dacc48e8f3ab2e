package org.kiln.kms.aka;

import java.util.Set;

/**
 * What an operator chooses of TUAK (TS 35.231 clause 5.2). K of 128 or 256 bits is told by the key itself.
 *
 * @param iterations of Keccak-f[1600], 1 or more; {@value #MOST_ITERATIONS} at most here
 * @param sizes MAC of 8, 16 or 32 octets; RES of 4, 8, 16 or 32; CK and IK of 16 or 32
 */
public record TuakParameters(int iterations, AkaSizes sizes) {

    /** A bound against a mistyped record, which would keep a lane busy. */
    public static final int MOST_ITERATIONS = 255;

    /** What most networks can use: one iteration, MAC and RES of 64 bits, CK and IK of 128. */
    public static final TuakParameters USUAL = new TuakParameters(1, AkaSizes.MILENAGE);

    public TuakParameters {
        require(iterations >= 1 && iterations <= MOST_ITERATIONS, "1 to " + MOST_ITERATIONS + " Keccak iterations");
        require(Set.of(8, 16, 32).contains(sizes.mac()), "a MAC of 64, 128 or 256 bits");
        require(Set.of(4, 8, 16, 32).contains(sizes.res()), "a RES of 32, 64, 128 or 256 bits");
        require(Set.of(16, 32).contains(sizes.ck()), "a CK of 128 or 256 bits");
        require(Set.of(16, 32).contains(sizes.ik()), "an IK of 128 or 256 bits");
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new AkaException.WrongParameters("TUAK has " + rule);
        }
    }
}
