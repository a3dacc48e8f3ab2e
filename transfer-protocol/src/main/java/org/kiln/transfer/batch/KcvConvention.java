package org.kiln.transfer.batch;

/** How a key check value is computed. */
public enum KcvConvention {
    /** The first octets of the encrypted zero block (PKCS#11 {@code CKA_CHECK_VALUE}); a 3DES key's block has 8 octets. */
    ZERO_BLOCK,
    /** The first octets of the encrypted block of sixteen 01 (GlobalPlatform Card Specification B.6). */
    GLOBALPLATFORM_AES,
    /** The first octets of the CMAC of the zero block (ANSI X9.24-1). */
    CMAC
}
