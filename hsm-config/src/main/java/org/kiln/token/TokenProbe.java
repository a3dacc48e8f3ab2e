package org.kiln.token;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.MechanismInfo;
import org.kiln.pkcs11.TokenInfo;

/** Reads what a live token offers and says what Kiln can and cannot do on it. Needs no PIN and changes nothing. */
public final class TokenProbe {

    private static final long DES3_CBC = 0x133;
    private static final long DES3_ECB = 0x132;
    private static final long SP800_108_COUNTER_KDF = 0x3ac;
    private static final long SHAKE_256_KEY_DERIVATION = 0x39c;
    private static final long LUNA_MILENAGE = 0x8000_0e21L;
    private static final long LUNA_TUAK = 0x8000_0e24L;

    private TokenProbe() {}

    /** How far a token goes for one of Kiln's purposes. */
    public enum Verdict {
        /** The token has what it takes. */
        YES,
        /** It works, with the restriction that the explanation states. */
        LIMITED,
        /** Kiln cannot do this on the token. */
        NO,
        /** Kiln cannot serve from this token at all. */
        UNUSABLE
    }

    /**
     * One of Kiln's purposes.
     *
     * @param explanation which mechanisms decide
     */
    public record Capability(String purpose, Verdict verdict, String explanation) {}

    /**
     * What a probe saw.
     *
     * @param unstated mechanisms that the profile relies on and the token does not offer
     */
    public record Report(
            TokenInfo token, List<MechanismInfo> mechanisms, List<Capability> capabilities, List<String> unstated) {

        /** Whether Kiln can serve from this token. */
        public boolean usable() {
            return capabilities.stream().noneMatch(c -> c.verdict() == Verdict.UNUSABLE) && unstated.isEmpty();
        }
    }

    /** Probes the token in a slot against the profile of its family. */
    public static Report probe(Cryptoki cryptoki, TokenInfo token, TokenProfile profile) {
        List<MechanismInfo> mechanisms = cryptoki.mechanisms(token.slot());
        Set<Long> offered = mechanisms.stream().map(MechanismInfo::type).collect(Collectors.toUnmodifiableSet());
        List<String> unstated = new ArrayList<>();
        requireStated(offered, profile.aesKeyWrap().type(), "keyWrap", unstated);
        requireStated(offered, profile.aesKeyWrapPadded().type(), "keyWrapPadded", unstated);
        return new Report(token, mechanisms, capabilities(offered), unstated);
    }

    private static void requireStated(Set<Long> offered, long mechanism, String setting, List<String> unstated) {
        if (!offered.contains(mechanism)) {
            unstated.add(setting + " 0x" + Long.toHexString(mechanism));
        }
    }

    private static List<Capability> capabilities(Set<Long> offered) {
        return List.of(
                essential("Milenage from AES blocks", offered, Ckm.AES_ECB),
                essential("keys made in the token", offered, Ckm.AES_KEY_GEN, Ckm.GENERIC_SECRET_KEY_GEN),
                essential("integrity of stored records", offered, Ckm.AES_CMAC),
                essential("signed files and the TLS server's key", offered, Ckm.EC_KEY_PAIR_GEN, Ckm.ECDSA),
                useful("transport keys to partners under RSA", offered, Ckm.RSA_PKCS_OAEP),
                useful("SUCI profiles A and B", offered, Ckm.ECDH1_DERIVE),
                useful("classic eKi (AES-CBC wrap, zero IV)", offered, Ckm.AES_CBC),
                tripleDes(offered),
                tuak(offered),
                offered.contains(LUNA_MILENAGE)
                        ? new Capability("Milenage mechanism of the vendor", Verdict.YES, "CKM_MILENAGE")
                        : new Capability("Milenage mechanism of the vendor", Verdict.NO, "none; AES blocks serve"),
                offered.contains(SP800_108_COUNTER_KDF)
                        ? new Capability("diversified keys (SP 800-108)", Verdict.YES, "CKM_SP800_108_COUNTER_KDF")
                        : new Capability(
                                "diversified keys (SP 800-108)",
                                Verdict.LIMITED,
                                "AES data derivation only: a master is as safe as the user's PIN"));
    }

    private static Capability essential(String purpose, Set<Long> offered, long... needed) {
        return capability(purpose, offered, Verdict.UNUSABLE, needed);
    }

    private static Capability useful(String purpose, Set<Long> offered, long... needed) {
        return capability(purpose, offered, Verdict.NO, needed);
    }

    private static Capability capability(String purpose, Set<Long> offered, Verdict otherwise, long... needed) {
        List<String> names = new ArrayList<>();
        boolean all = true;
        for (long mechanism : needed) {
            boolean has = offered.contains(mechanism);
            all &= has;
            names.add("0x" + Long.toHexString(mechanism) + (has ? "" : " missing"));
        }
        return new Capability(purpose, all ? Verdict.YES : otherwise, String.join(", ", names));
    }

    private static Capability tripleDes(Set<Long> offered) {
        boolean listed = offered.contains(DES3_CBC) || offered.contains(DES3_ECB);
        return listed
                ? new Capability(
                        "3DES transport keys",
                        Verdict.LIMITED,
                        "the cipher is listed; whether it wraps shows when tried")
                : new Capability("3DES transport keys", Verdict.NO, "no 3DES");
    }

    private static Capability tuak(Set<Long> offered) {
        if (offered.contains(LUNA_TUAK) || offered.contains(SHAKE_256_KEY_DERIVATION)) {
            return new Capability("TUAK", Verdict.YES, "in the token");
        }
        return new Capability("TUAK", Verdict.LIMITED, "guarded host only: the token has no Keccak over keys");
    }
}
