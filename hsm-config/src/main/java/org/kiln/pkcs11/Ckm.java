package org.kiln.pkcs11;

/** Mechanism types ({@code CKM_*}) that Kiln calls. */
public final class Ckm {

    public static final long RSA_PKCS_KEY_PAIR_GEN = 0x0000;
    public static final long RSA_PKCS_OAEP = 0x0009;
    public static final long SHA_1 = 0x0220;
    public static final long SHA256 = 0x0250;
    public static final long DES2_KEY_GEN = 0x0130;
    public static final long DES3_KEY_GEN = 0x0131;
    public static final long DES3_ECB = 0x0132;
    public static final long DES3_CBC = 0x0133;
    public static final long GENERIC_SECRET_KEY_GEN = 0x0350;
    public static final long SP800_108_COUNTER_KDF = 0x03ac;
    public static final long EC_KEY_PAIR_GEN = 0x1040;
    public static final long ECDSA = 0x1041;
    public static final long ECDH1_DERIVE = 0x1050;
    public static final long EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
    public static final long EC_MONTGOMERY_KEY_PAIR_GEN = 0x1056;
    public static final long AES_KEY_GEN = 0x1080;
    public static final long AES_ECB = 0x1081;
    public static final long AES_CBC = 0x1082;
    public static final long AES_CMAC = 0x108a;
    public static final long AES_ECB_ENCRYPT_DATA = 0x1104;
    public static final long AES_KEY_WRAP = 0x2109;
    public static final long AES_KEY_WRAP_PAD = 0x210a;
    public static final long AES_KEY_WRAP_KWP = 0x210b;

    private Ckm() {}
}
