package org.kiln.kms.suci;

import java.util.Arrays;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.KeyException;

/**
 * The parts of an ECIES scheme output (TS 33.501 Annex C.3.2).
 *
 * @param point the ephemeral public key in the form that tokens take
 * @param sharedInfo the ephemeral public key in its shortest form: SharedInfo1 of the KDF
 * @param ciphertext at least one octet
 * @param tag {@value #TAG_OCTETS} octets
 */
record SchemeOutput(byte[] point, byte[] sharedInfo, byte[] ciphertext, byte[] tag) {

    private static final int TAG_OCTETS = 8;
    private static final int X25519_OCTETS = 32;
    private static final int COMPRESSED_OCTETS = 33;
    private static final int UNCOMPRESSED_OCTETS = 65;
    private static final int LONGEST_CIPHERTEXT = 1024;

    /** @throws SuciException.InvalidOutput if the lengths do not add up or the point is not to be agreed with */
    static SchemeOutput split(ProtectionScheme scheme, byte[] output) {
        int pointOctets = pointOctets(scheme, output);
        int ciphertextOctets = output.length - pointOctets - TAG_OCTETS;
        if (ciphertextOctets < 1 || ciphertextOctets > LONGEST_CIPHERTEXT) {
            throw new SuciException.InvalidOutput("its length");
        }
        byte[] sent = Arrays.copyOf(output, pointOctets);
        try {
            return new SchemeOutput(
                    scheme.curve().checked(sent),
                    scheme == ProtectionScheme.PROFILE_B ? Curve.compressed(sent) : sent,
                    Arrays.copyOfRange(output, pointOctets, pointOctets + ciphertextOctets),
                    Arrays.copyOfRange(output, output.length - TAG_OCTETS, output.length));
        } catch (KeyException e) {
            throw new SuciException.InvalidOutput("its ephemeral public key");
        }
    }

    private static int pointOctets(ProtectionScheme scheme, byte[] output) {
        if (scheme == ProtectionScheme.PROFILE_A) {
            return X25519_OCTETS;
        }
        return output.length > 0 && output[0] == 4 ? UNCOMPRESSED_OCTETS : COMPRESSED_OCTETS;
    }
}
