package org.kiln.kms.subscriber;

import java.util.List;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AkaSizes;
import org.kiln.kms.aka.MilenageConstants;
import org.kiln.kms.aka.TuakParameters;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.aka.XorAlgorithm;

/** The authentication algorithm of a subscriber, with what its operator chose of it. */
public sealed interface Algorithm {

    /** The name in files and in the store, such as {@code milenage}. */
    String label();

    /** What the operator chose, as {@link AlgorithmText} writes it; empty for the usual. */
    default String parameters() {
        return "";
    }

    /** Octets that K may have. */
    default List<Integer> keyOctets() {
        return List.of(16);
    }

    /** Octets of OPc or TOPc; 0 where there is none. */
    int opcOctets();

    /**
     * Refuses a kind of vectors that the algorithm cannot give.
     *
     * @throws AkaException.KindNotServed if so
     */
    void requireServes(VectorKind kind);

    /** Octets of MAC-S; 0 where there is no resynchronisation. */
    int macOctets();

    /** @throws AkaException.WrongKeyLength unless K may have so many octets */
    default void requireKeyOctets(int octets) {
        if (!keyOctets().contains(octets)) {
            throw new AkaException.WrongKeyLength(label(), octets, keyOctets().size() == 1 ? "16" : "16 or 32");
        }
    }

    /** TS 35.206. */
    record Milenage(MilenageConstants constants) implements Algorithm {

        /** With the constants of TS 35.206. */
        public static final Milenage STANDARD = new Milenage(MilenageConstants.STANDARD);

        static final String LABEL = "milenage";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public String parameters() {
            return AlgorithmText.of(constants);
        }

        @Override
        public int opcOctets() {
            return 16;
        }

        @Override
        public void requireServes(VectorKind kind) {
            kind.requireCarries(AkaSizes.MILENAGE);
        }

        @Override
        public int macOctets() {
            return AkaSizes.MILENAGE.mac();
        }
    }

    /** TS 35.231. */
    record Tuak(TuakParameters chosen) implements Algorithm {

        static final String LABEL = "tuak";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public String parameters() {
            return AlgorithmText.of(chosen);
        }

        @Override
        public List<Integer> keyOctets() {
            return List.of(16, 32);
        }

        @Override
        public int opcOctets() {
            return 32;
        }

        @Override
        public void requireServes(VectorKind kind) {
            kind.requireCarries(chosen.sizes());
        }

        @Override
        public int macOctets() {
            return chosen.sizes().mac();
        }
    }

    /**
     * GSM A3/A8 of old cards.
     *
     * @param version 1, 2 or 3
     */
    record Comp128(int version) implements Algorithm {

        static final String LABEL = "comp128-";

        public Comp128 {
            if (version < 1 || version > 3) {
                throw new AkaException.WrongParameters("COMP128 has versions 1, 2 and 3, not " + version);
            }
        }

        @Override
        public String label() {
            return LABEL + version;
        }

        @Override
        public int opcOctets() {
            return 0;
        }

        @Override
        public void requireServes(VectorKind kind) {
            if (!(kind instanceof VectorKind.GsmAka)) {
                throw new AkaException.KindNotServed("the subscriber has a GSM SIM (" + label()
                        + "), for which there are GSM triplets only; give him a USIM");
            }
        }

        @Override
        public int macOctets() {
            return 0;
        }
    }

    /** The test algorithm of TS 34.108. */
    enum Xor implements Algorithm {
        XOR;

        static final String LABEL = "xor";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public int opcOctets() {
            return 0;
        }

        @Override
        public void requireServes(VectorKind kind) {
            kind.requireCarries(XorAlgorithm.SIZES);
        }

        @Override
        public int macOctets() {
            return XorAlgorithm.SIZES.mac();
        }
    }
}
