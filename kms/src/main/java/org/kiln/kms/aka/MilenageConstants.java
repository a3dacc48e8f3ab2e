package org.kiln.kms.aka;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The constants r1…r5 and c1…c5 of Milenage (TS 35.206 clause 4.1), which an operator may choose. No two pairs of c and r
 * may be the same (clause 5.3), for then two functions would give the same output.
 *
 * @param rotations r1…r5 in bits, 0 to 127
 * @param additions c1…c5
 */
public record MilenageConstants(List<Integer> rotations, List<Block> additions) {

    /** A block of 128 bits, big-endian. */
    public record Block(long high, long low) {}

    /** The values that TS 35.206 gives and that nearly every operator uses. */
    public static final MilenageConstants STANDARD = new MilenageConstants(
            List.of(64, 0, 32, 64, 96),
            List.of(new Block(0, 0), new Block(0, 1), new Block(0, 2), new Block(0, 4), new Block(0, 8)));

    public MilenageConstants {
        rotations = List.copyOf(rotations);
        additions = List.copyOf(additions);
        if (rotations.size() != 5 || additions.size() != 5) {
            throw new AkaException.WrongParameters("Milenage has five rotations and five additions");
        }
        for (int rotation : rotations) {
            if (rotation < 0 || rotation > 127) {
                throw new AkaException.WrongParameters("a Milenage rotation is 0 to 127 bits, not " + rotation);
            }
        }
        Set<List<Object>> pairs = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            if (!pairs.add(List.of(rotations.get(i), additions.get(i)))) {
                throw new AkaException.WrongParameters("Milenage's pair of r" + (i + 1) + " and c" + (i + 1)
                        + " stands twice: two functions would give the same");
            }
        }
    }
}
