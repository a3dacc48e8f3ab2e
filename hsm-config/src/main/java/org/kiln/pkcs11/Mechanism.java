package org.kiln.pkcs11;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A mechanism with its parameter ({@code CK_MECHANISM}).
 *
 * @param type one of {@link Ckm} or a vendor's number
 */
public record Mechanism(long type, Parameter parameter) {

    /** What a mechanism takes beside its key. No parameter of these is secret. */
    public sealed interface Parameter {}

    /** No parameter. */
    public enum None implements Parameter {
        NONE
    }

    /** An initialisation vector. */
    public record Iv(byte[] octets) implements Parameter {
        @Override
        public boolean equals(Object other) {
            return other instanceof Iv(byte[] o) && Arrays.equals(octets, o);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(octets);
        }
    }

    /**
     * RSA-OAEP ({@code CK_RSA_PKCS_OAEP_PARAMS}) with an empty label.
     *
     * @param hash a {@code CKM_SHA*} digest
     * @param mgf a {@code CKG_MGF1_*}
     */
    public record Oaep(long hash, long mgf) implements Parameter {}

    public static Mechanism of(long type) {
        return new Mechanism(type, None.NONE);
    }

    public static Mechanism withIv(long type, byte[] iv) {
        return new Mechanism(type, new Iv(iv.clone()));
    }

    /** RSA-OAEP with SHA-1 and MGF1-SHA-1, the one form that every token offers. */
    public static Mechanism oaepSha1() {
        return new Mechanism(Ckm.RSA_PKCS_OAEP, new Oaep(Ckm.SHA_1, Ck.CKG_MGF1_SHA1));
    }

    /** RSA-OAEP with SHA-256 and MGF1-SHA-256. */
    public static Mechanism oaepSha256() {
        return new Mechanism(Ckm.RSA_PKCS_OAEP, new Oaep(Ckm.SHA256, Ck.CKG_MGF1_SHA256));
    }

    @Override
    public String toString() {
        return "CKM 0x" + HexFormat.of().toHexDigits(type).replaceFirst("^0+(?=.{4})", "");
    }
}
