package org.kiln.pkcs11;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A mechanism with its parameter ({@code CK_MECHANISM}).
 *
 * @param type one of {@link Ckm} or a vendor's number
 */
public record Mechanism(long type, Parameter parameter) {

    /** What a mechanism takes beside its key. But for an OPc no parameter of these is secret. */
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

    /**
     * Elliptic-curve Diffie-Hellman ({@code CK_ECDH1_DERIVE_PARAMS}).
     *
     * @param kdf a {@code CKD_*}
     * @param sharedData input to the KDF; empty for none, as {@code CKD_NULL} wants it
     * @param publicData the other side's point: {@code 04 || x || y}, or the 32 octets of an X25519 key
     */
    public record Ecdh(long kdf, byte[] sharedData, byte[] publicData) implements Parameter {
        @Override
        public boolean equals(Object other) {
            return other instanceof Ecdh(long k, byte[] s, byte[] p)
                    && kdf == k
                    && Arrays.equals(sharedData, s)
                    && Arrays.equals(publicData, p);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * Long.hashCode(kdf) + Arrays.hashCode(sharedData)) + Arrays.hashCode(publicData);
        }
    }

    /** Data that the base key encrypts to make a key ({@code CK_KEY_DERIVATION_STRING_DATA}): whole blocks. */
    public record StringData(byte[] octets) implements Parameter {
        @Override
        public boolean equals(Object other) {
            return other instanceof StringData(byte[] o) && Arrays.equals(octets, o);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(octets);
        }
    }

    /**
     * The KDF in counter mode of SP 800-108 ({@code CK_SP800_108_KDF_PARAMS} of PKCS#11 3.0, clause 6.42.7), its counter
     * in front: each block is PRF(K, counter || fixed input || length of the key in bits), numbers with the high octet
     * first.
     *
     * @param prf a MAC, such as {@link Ckm#AES_CMAC}
     * @param counterBits of the counter: 8, 16, 24 or 32
     * @param fixedInput label, 00 and context
     * @param lengthBits of the field with the key's length; 0 for no such field
     */
    public record CounterKdf(long prf, int counterBits, byte[] fixedInput, int lengthBits) implements Parameter {
        @Override
        public boolean equals(Object other) {
            return other instanceof CounterKdf(long p, int c, byte[] f, int l)
                    && prf == p
                    && counterBits == c
                    && Arrays.equals(fixedInput, f)
                    && lengthBits == l;
        }

        @Override
        public int hashCode() {
            return 31 * (31 * (31 * Long.hashCode(prf) + counterBits) + Arrays.hashCode(fixedInput)) + lengthBits;
        }
    }

    /** A parameter that is another at each call, so that its native form is not kept. */
    public sealed interface OneCall extends Parameter permits LunaMilenage, LunaTuak {}

    /**
     * {@code CK_MILENAGE_SIGN_PARAMS} of Thales Luna, without secondary and RC keys. OPc is secret, and off the heap.
     *
     * @param flags {@code ulMilenageFlags}
     * @param wrappedKi {@code pEncKi}: Ki wrapped by AES-KWP under the key that signs
     * @param opc {@code pEncOPc}: 16 octets of native memory, in the clear
     * @param sqn 48 bits
     * @param amf 16 bits
     */
    public record LunaMilenage(long flags, byte[] wrappedKi, MemorySegment opc, long sqn, int amf) implements OneCall {}

    /**
     * {@code CK_TUAK_SIGN_PARAMS} of Thales Luna, without secondary key. TOPc is secret, and off the heap.
     *
     * @param flags {@code ulTuakFlags}
     * @param wrappedKi {@code pEncKi}
     * @param topc {@code pEncTOPc}: 32 octets of native memory, in the clear
     * @param iterations of Keccak
     * @param res octets of RES
     * @param mac octets of MAC-A
     * @param ck octets of CK
     * @param ik octets of IK
     * @param sqn 48 bits
     * @param amf 16 bits
     */
    public record LunaTuak(
            long flags,
            byte[] wrappedKi,
            MemorySegment topc,
            int iterations,
            int res,
            int mac,
            int ck,
            int ik,
            long sqn,
            int amf)
            implements OneCall {}

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

    /** Diffie-Hellman whose result is the shared x-coordinate itself ({@code CKD_NULL}). */
    public static Mechanism ecdh(byte[] publicData) {
        return new Mechanism(Ckm.ECDH1_DERIVE, new Ecdh(Ck.CKD_NULL, new byte[0], publicData.clone()));
    }

    /** Diffie-Hellman followed by a KDF over the shared data, which may be empty. */
    public static Mechanism ecdh(long kdf, byte[] sharedData, byte[] publicData) {
        return new Mechanism(Ckm.ECDH1_DERIVE, new Ecdh(kdf, sharedData.clone(), publicData.clone()));
    }

    /** A key that is {@code data} encrypted with AES in ECB mode. */
    public static Mechanism aesEcbData(byte[] data) {
        return new Mechanism(Ckm.AES_ECB_ENCRYPT_DATA, new StringData(data.clone()));
    }

    /**
     * A key by the KDF in counter mode of SP 800-108 with AES-CMAC, counter and length of 32 bits each.
     *
     * @param label what the key is for
     * @param context which of them it is
     */
    public static Mechanism counterKdf(byte[] label, byte[] context) {
        byte[] fixed = Arrays.copyOf(label, label.length + 1 + context.length);
        System.arraycopy(context, 0, fixed, label.length + 1, context.length);
        return new Mechanism(Ckm.SP800_108_COUNTER_KDF, new CounterKdf(Ckm.AES_CMAC, 32, fixed, 32));
    }

    @Override
    public String toString() {
        return "CKM 0x" + HexFormat.of().toHexDigits(type).replaceFirst("^0+(?=.{4})", "");
    }
}
