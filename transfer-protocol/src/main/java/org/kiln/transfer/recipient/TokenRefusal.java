package org.kiln.transfer.recipient;

import java.util.EnumSet;
import java.util.Set;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;

/** Tells a token that does not like what it was given to unwrap from a token in trouble. */
final class TokenRefusal {

    /** SoftHSM says GENERAL_ERROR where the standard has WRAPPED_KEY_INVALID. */
    private static final Set<Ckr> REFUSALS = EnumSet.of(
            Ckr.WRAPPED_KEY_INVALID,
            Ckr.WRAPPED_KEY_LEN_RANGE,
            Ckr.ENCRYPTED_DATA_INVALID,
            Ckr.ENCRYPTED_DATA_LEN_RANGE,
            Ckr.DATA_INVALID,
            Ckr.DATA_LEN_RANGE,
            Ckr.KEY_SIZE_RANGE,
            Ckr.ATTRIBUTE_VALUE_INVALID,
            Ckr.FUNCTION_FAILED,
            Ckr.GENERAL_ERROR);

    private TokenRefusal() {}

    static boolean of(Pkcs11Exception answer) {
        return answer.function().equals("C_UnwrapKey") && REFUSALS.contains(answer.ckr());
    }
}
