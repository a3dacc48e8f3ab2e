package org.kiln.kms.hsm;

import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;

/** What a token is asked for, by the mechanism where there is one. */
enum TokenCall {
    AES_ECB("CKM_AES_ECB"),
    AES_CBC("CKM_AES_CBC"),
    AES_CMAC("CKM_AES_CMAC"),
    AES_ECB_ENCRYPT_DATA("CKM_AES_ECB_ENCRYPT_DATA"),
    AES_KEY_GEN("CKM_AES_KEY_GEN"),
    AES_KEY_WRAP("CKM_AES_KEY_WRAP"),
    AES_KEY_WRAP_PAD("CKM_AES_KEY_WRAP_PAD"),
    AES_KEY_WRAP_KWP("CKM_AES_KEY_WRAP_KWP"),
    DES3("CKM_DES3"),
    ECDH1_DERIVE("CKM_ECDH1_DERIVE"),
    ECDSA("CKM_ECDSA"),
    KEY_PAIR_GEN("CKM_KEY_PAIR_GEN"),
    RSA_PKCS_OAEP("CKM_RSA_PKCS_OAEP"),
    SP800_108_COUNTER_KDF("CKM_SP800_108_COUNTER_KDF"),
    /** A mechanism of the token's vendor. */
    VENDOR("vendor"),
    /** Another mechanism. */
    OTHER("other"),
    /** The random number generator. */
    RANDOM("random"),
    /** Objects and their attributes. */
    OBJECT("object"),
    /** Login, logout and the session's state. */
    SESSION("session");

    private final String label;

    TokenCall(String label) {
        this.label = label;
    }

    /** As meters name it. */
    String label() {
        return label;
    }

    static TokenCall of(Mechanism mechanism) {
        long type = mechanism.type();
        if (type < 0 || type > Integer.MAX_VALUE) {
            return VENDOR;
        }
        return switch ((int) type) {
            case (int) Ckm.AES_ECB -> AES_ECB;
            case (int) Ckm.AES_CBC -> AES_CBC;
            case (int) Ckm.AES_CMAC -> AES_CMAC;
            case (int) Ckm.AES_ECB_ENCRYPT_DATA -> AES_ECB_ENCRYPT_DATA;
            case (int) Ckm.AES_KEY_GEN -> AES_KEY_GEN;
            case (int) Ckm.AES_KEY_WRAP -> AES_KEY_WRAP;
            case (int) Ckm.AES_KEY_WRAP_PAD -> AES_KEY_WRAP_PAD;
            case (int) Ckm.AES_KEY_WRAP_KWP -> AES_KEY_WRAP_KWP;
            case (int) Ckm.DES2_KEY_GEN, (int) Ckm.DES3_KEY_GEN, (int) Ckm.DES3_ECB, (int) Ckm.DES3_CBC -> DES3;
            case (int) Ckm.ECDH1_DERIVE -> ECDH1_DERIVE;
            case (int) Ckm.ECDSA -> ECDSA;
            case (int) Ckm.RSA_PKCS_KEY_PAIR_GEN,
                    (int) Ckm.EC_KEY_PAIR_GEN,
                    (int) Ckm.EC_EDWARDS_KEY_PAIR_GEN,
                    (int) Ckm.EC_MONTGOMERY_KEY_PAIR_GEN -> KEY_PAIR_GEN;
            case (int) Ckm.RSA_PKCS_OAEP -> RSA_PKCS_OAEP;
            case (int) Ckm.SP800_108_COUNTER_KDF -> SP800_108_COUNTER_KDF;
            default -> OTHER;
        };
    }
}
