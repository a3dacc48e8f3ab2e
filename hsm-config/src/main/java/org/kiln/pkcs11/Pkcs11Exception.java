package org.kiln.pkcs11;

/** A Cryptoki function returned something other than {@code CKR_OK}. Carries the function and the code, nothing secret. */
public final class Pkcs11Exception extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String function;
    private final long code;

    public Pkcs11Exception(String function, long code) {
        super(function + " answered CKR_" + Ckr.of(code) + " (0x" + Long.toHexString(code) + ")");
        this.function = function;
        this.code = code;
    }

    /** The Cryptoki function, such as {@code C_UnwrapKey}. */
    public String function() {
        return function;
    }

    /** The return code as the token gave it. */
    public long code() {
        return code;
    }

    /** The return code by name; {@link Ckr#VENDOR_DEFINED} if no standard names it. */
    public Ckr ckr() {
        return Ckr.of(code);
    }
}
