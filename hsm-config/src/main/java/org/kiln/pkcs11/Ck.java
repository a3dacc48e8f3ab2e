package org.kiln.pkcs11;

/** Object classes, key types, flags and user types of PKCS#11 (Base Specification, clause 4 and Appendix). */
public final class Ck {

    public static final long CKO_DATA = 0x00;
    public static final long CKO_CERTIFICATE = 0x01;
    public static final long CKO_PUBLIC_KEY = 0x02;
    public static final long CKO_PRIVATE_KEY = 0x03;
    public static final long CKO_SECRET_KEY = 0x04;

    public static final long CKK_RSA = 0x00;
    public static final long CKK_EC = 0x03;
    public static final long CKK_GENERIC_SECRET = 0x10;
    public static final long CKK_DES = 0x13;
    public static final long CKK_DES2 = 0x14;
    public static final long CKK_DES3 = 0x15;
    public static final long CKK_AES = 0x1f;
    public static final long CKK_EC_EDWARDS = 0x40;
    public static final long CKK_EC_MONTGOMERY = 0x41;

    public static final long CKC_X_509 = 0x00;

    public static final long CKF_TOKEN_INITIALIZED = 0x400;
    public static final long CKF_RW_SESSION = 0x02;
    public static final long CKF_SERIAL_SESSION = 0x04;
    public static final long CKF_OS_LOCKING_OK = 0x02;

    /** The handle that no object and no session ever has (Base Specification, clauses 3.3 and 3.4). */
    public static final long CK_INVALID_HANDLE = 0;

    public static final long CKS_RO_USER_FUNCTIONS = 1;
    public static final long CKS_RW_PUBLIC_SESSION = 2;
    public static final long CKS_RW_USER_FUNCTIONS = 3;
    public static final long CKS_RW_SO_FUNCTIONS = 4;

    public static final long CKU_SO = 0;
    public static final long CKU_USER = 1;

    public static final long CKD_NULL = 1;
    public static final long CKD_SHA1_KDF = 2;
    public static final long CKD_SHA256_KDF = 6;

    public static final long CKG_MGF1_SHA1 = 1;
    public static final long CKG_MGF1_SHA256 = 2;
    public static final long CKZ_DATA_SPECIFIED = 1;

    public static final long CK_SP800_108_ITERATION_VARIABLE = 1;
    public static final long CK_SP800_108_DKM_LENGTH = 3;
    public static final long CK_SP800_108_BYTE_ARRAY = 4;
    public static final long CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS = 1;

    /** {@code CK_UNAVAILABLE_INFORMATION}: the length a token reports for an attribute it will not reveal. */
    public static final long UNAVAILABLE = -1L;

    private Ck() {}
}
