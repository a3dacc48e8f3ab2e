package org.kiln.transfer.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A transport key the recipient holds, told by name and check value.
 *
 * @param label the name both sides agreed on
 * @param algorithm what kind of key it is
 * @param kcvZero its {@link KcvConvention#ZERO_BLOCK} check value: 6 to 10 upper-case hexadecimal digits, or null
 * @param kcvCmac its {@link KcvConvention#CMAC} check value, likewise; at least one of the two is there
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeyReference(
        String label,
        Algorithm algorithm,
        @Nullable String kcvZero,
        @Nullable String kcvCmac) {

    /** Kinds of transport key. */
    public enum Algorithm {
        AES_128,
        AES_192,
        AES_256,
        /** 3DES with a key of two parts. */
        DES3_112,
        /** 3DES with a key of three parts. */
        DES3_168;

        /** Whether key blocks of ANSI X9.143 version D can be under such a key. */
        boolean protectsKeyBlocks() {
            return this != DES3_112 && this != DES3_168;
        }

        /** Octets of such a key. */
        public int octets() {
            return switch (this) {
                case AES_128, DES3_112 -> 16;
                case AES_192, DES3_168 -> 24;
                case AES_256 -> 32;
            };
        }

        boolean wrapsBy(Wrapping wrapping) {
            return wrapping.isDes3() == (this == DES3_112 || this == DES3_168);
        }
    }

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one breaks a rule above
     */
    public KeyReference {
        Rules.name("key label", label);
        Rules.present("key algorithm", algorithm);
        if (kcvZero != null) {
            Rules.kcv("kcvZero", kcvZero);
        }
        if (kcvCmac != null) {
            Rules.kcv("kcvCmac", kcvCmac);
        }
        Rules.require(kcvZero != null || kcvCmac != null, "key " + label + " has neither kcvZero nor kcvCmac");
    }

    boolean hasKcv(String kcv) {
        return kcv.equals(kcvZero) || kcv.equals(kcvCmac);
    }
}
