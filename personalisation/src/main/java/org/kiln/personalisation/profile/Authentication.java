package org.kiln.personalisation.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AlgorithmText;
import org.kiln.personalisation.document.Rules;

/**
 * How a card and its network authenticate each other.
 *
 * @param algorithm as in a load file: a label and the operator's choices, such as {@code milenage} or
 *     {@code tuak iterations=1 mac=64 res=64 ck=128 ik=128}
 * @param keyOctets octets of K: 16, or 32 for TUAK
 * @param operatorConstant whose OP or TOP in the token makes OPc or TOPc; null where the algorithm has none
 * @param amf four hexadecimal digits (TS 33.102 Annex H)
 * @param sequenceNumbers how SQN is made and judged
 */
public record Authentication(
        @JsonProperty(required = true) String algorithm,
        @Nullable Integer keyOctets,
        @Nullable String operatorConstant,
        @Nullable String amf,
        @Nullable SequenceNumbers sequenceNumbers) {

    private static final String USUAL_AMF = "8000";
    private static final int USUAL_KEY = 16;

    /**
     * Sequence numbers of network and card (TS 33.102 Annex C).
     *
     * @param scheme how the network makes them
     * @param indLength bits of IND, 0 to 28
     * @param delta Δ: how far ahead of the highest SEQ the card takes one (C.2.1)
     * @param ageLimit L: how far behind it takes one in a place of its array; 0 for no limit (C.2.2)
     */
    public record SequenceNumbers(SqnScheme scheme, int indLength, long delta, long ageLimit) {

        /** TIME_BASED, 5 bits of IND, Δ of 2^28, no age limit. */
        public static final SequenceNumbers USUAL =
                new SequenceNumbers(SqnScheme.TIME_BASED, Sqn.USUAL.indLength(), 1L << 28, 0);

        private static final long LARGEST = 0x07FF_FFFF_FFFFL;

        public SequenceNumbers {
            Rules.present("scheme", scheme);
            Rules.require(indLength >= 0 && indLength <= 28, "indLength is 0 to 28");
            Rules.require(delta >= 1 && delta <= LARGEST, "delta is 1 to 8796093022207");
            Rules.require(ageLimit >= 0 && ageLimit <= LARGEST, "ageLimit is 0 to 8796093022207");
        }
    }

    public Authentication {
        Algorithm parsed = parse(Rules.present("algorithm", algorithm));
        keyOctets = keyOctets == null ? USUAL_KEY : keyOctets;
        try {
            parsed.requireKeyOctets(keyOctets);
        } catch (AkaException e) {
            throw new IllegalArgumentException("keyOctets: " + e.getMessage(), e);
        }
        if (parsed.opcOctets() == 0) {
            Rules.require(operatorConstant == null, "operatorConstant: " + parsed.label() + " has none");
        } else {
            Rules.name("operatorConstant", operatorConstant);
        }
        amf = amf == null ? USUAL_AMF : amf;
        Rules.require(amf.matches("[0-9A-Fa-f]{4}"), "amf has four hexadecimal digits");
        sequenceNumbers = sequenceNumbers == null ? SequenceNumbers.USUAL : sequenceNumbers;
    }

    private static Algorithm parse(String text) {
        try {
            return AlgorithmText.parse(text);
        } catch (AkaException e) {
            throw new IllegalArgumentException("algorithm: " + e.getMessage(), e);
        }
    }

    public Algorithm parsedAlgorithm() {
        return parse(algorithm);
    }

    /** Whether the operator chose something of the algorithm. */
    public boolean hasOwnChoices() {
        return !parsedAlgorithm().parameters().isEmpty();
    }

    /** Octets of K. */
    public int octetsOfKey() {
        return keyOctets == null ? USUAL_KEY : keyOctets;
    }

    public int amfValue() {
        return Integer.parseInt(amf == null ? USUAL_AMF : amf, 16);
    }

    public SequenceNumbers sequences() {
        return sequenceNumbers == null ? SequenceNumbers.USUAL : sequenceNumbers;
    }
}
