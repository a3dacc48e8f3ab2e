package org.kiln.token;

/** Key derivation functions of {@code CKM_ECDH1_DERIVE} ({@code CKD_*}). */
public enum EcdhKdf {
    /** {@code CKD_NULL}: the shared x-coordinate itself. */
    NONE(1),
    SHA1(2),
    SHA224(5),
    SHA256(6),
    SHA384(7),
    SHA512(8);

    private final long code;

    EcdhKdf(long code) {
        this.code = code;
    }

    /** The {@code CK_EC_KDF_TYPE}. */
    public long code() {
        return code;
    }
}
