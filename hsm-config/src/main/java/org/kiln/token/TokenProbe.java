package org.kiln.token;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.MechanismInfo;
import org.kiln.pkcs11.TokenInfo;

/**
 * Reads what a live token offers, compares it with the profile of its family both ways, and says what Kiln can and
 * cannot do on it. Needs no PIN and changes nothing.
 */
public final class TokenProbe {

    private static final long SHAKE_256_KEY_DERIVATION = 0x39c;
    private static final long CKF_WRAP = 0x20000;
    private static final long CKF_UNWRAP = 0x40000;

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
     * @param missing what the profile relies on and the token does not offer
     * @param unused what the token offers for wrapping and deriving keys and the profile does not use
     */
    public record Report(
            TokenInfo token,
            List<MechanismInfo> mechanisms,
            List<Capability> capabilities,
            List<String> missing,
            List<String> unused) {

        /** Whether Kiln can serve from this token. */
        public boolean usable() {
            return capabilities.stream().noneMatch(c -> c.verdict() == Verdict.UNUSABLE) && missing.isEmpty();
        }
    }

    /** Probes the token in a slot against the profile of its family. */
    public static Report probe(Cryptoki cryptoki, TokenInfo token, TokenProfile profile) {
        List<MechanismInfo> mechanisms = cryptoki.mechanisms(token.slot());
        Set<Long> offered = mechanisms.stream().map(MechanismInfo::type).collect(Collectors.toUnmodifiableSet());
        Map<String, Long> stated = stated(profile);
        List<String> missing = stated.entrySet().stream()
                .filter(setting -> !offered.contains(setting.getValue()))
                .map(setting -> setting.getKey() + " " + hex(setting.getValue()))
                .toList();
        return new Report(
                token,
                mechanisms,
                capabilities(offered, profile),
                missing,
                unused(mechanisms, Set.copyOf(stated.values())));
    }

    /** Every mechanism number on which a profile relies, by the name of its setting. */
    private static Map<String, Long> stated(TokenProfile profile) {
        Map<String, Long> stated = new LinkedHashMap<>();
        TokenProfile.Wrapping wrapping = profile.wrapping();
        state(stated, "wrapping.aesKw", wrapping.aesKw());
        state(stated, "wrapping.aesKwp", wrapping.aesKwp());
        state(stated, "wrapping.aesCbc", wrapping.aesCbc());
        state(stated, "wrapping.aesEcb", wrapping.aesEcb());
        state(stated, "wrapping.des3Cbc", wrapping.des3Cbc());
        state(stated, "wrapping.des3Ecb", wrapping.des3Ecb());
        if (!profile.oaepHashes().isEmpty()) {
            stated.put("oaepHashes", Ckm.RSA_PKCS_OAEP);
        }
        TokenProfile.Ecdh ecdh = profile.ecdh();
        if (ecdh != null) {
            stated.put("ecdh", Ckm.ECDH1_DERIVE);
            if (ecdh.x25519() != null) {
                stated.put("ecdh.x25519.keyPairGeneration", ecdh.x25519().keyPairGeneration());
            }
        }
        TokenProfile.Aka aka = profile.aka();
        if (aka != null) {
            state(stated, "aka.milenage", aka.milenage());
            state(stated, "aka.milenageResync", aka.milenageResync());
            state(stated, "aka.tuak", aka.tuak());
            state(stated, "aka.tuakResync", aka.tuakResync());
        }
        return stated;
    }

    private static void state(Map<String, Long> stated, String setting, @Nullable WrapMechanism mechanism) {
        if (mechanism != null) {
            state(stated, setting + ".wrap", mechanism.wrap());
            state(stated, setting + ".unwrap", mechanism.unwrap());
        }
    }

    private static void state(Map<String, Long> stated, String setting, @Nullable Long number) {
        if (number != null) {
            stated.put(setting, number);
        }
    }

    private static List<String> unused(List<MechanismInfo> mechanisms, Set<Long> stated) {
        List<String> unused = new ArrayList<>();
        for (MechanismInfo mechanism : mechanisms) {
            boolean wraps = (mechanism.flags() & (CKF_WRAP | CKF_UNWRAP)) != 0;
            boolean derives = mechanism.type() == Ckm.ECDH1_DERIVE
                    || mechanism.type() == Ckm.SP800_108_COUNTER_KDF
                    || mechanism.type() == SHAKE_256_KEY_DERIVATION;
            if ((wraps || derives) && !stated.contains(mechanism.type())) {
                unused.add(hex(mechanism.type()) + (wraps ? " wraps or unwraps keys" : " derives keys"));
            }
        }
        return unused;
    }

    private static String hex(long mechanism) {
        return "0x" + Long.toHexString(mechanism);
    }

    private static List<Capability> capabilities(Set<Long> offered, TokenProfile profile) {
        return List.of(
                essential("Milenage from AES blocks", offered, Ckm.AES_ECB),
                essential("keys made in the token", offered, Ckm.AES_KEY_GEN, Ckm.GENERIC_SECRET_KEY_GEN),
                essential("integrity of stored records", offered, Ckm.AES_CMAC),
                essential("signed files and the TLS server's key", offered, Ckm.EC_KEY_PAIR_GEN, Ckm.ECDSA),
                storage(profile),
                lockedKeys(profile.trust()),
                useful("transport keys to partners under RSA", offered, Ckm.RSA_PKCS_OAEP),
                agreedKeys(profile.ecdh()),
                useful("SUCI profiles A and B", offered, Ckm.ECDH1_DERIVE),
                classicEki(profile.wrapping().aesCbc()),
                tripleDes(profile.wrapping()),
                tuak(offered, profile.aka()),
                milenage(offered, profile.aka()),
                offered.contains(Ckm.SP800_108_COUNTER_KDF)
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
            names.add(hex(mechanism) + (has ? "" : " missing"));
        }
        return new Capability(purpose, all ? Verdict.YES : otherwise, String.join(", ", names));
    }

    private static Capability storage(TokenProfile profile) {
        String purpose = "keys at rest (AES key wrap with padding)";
        WrapMechanism kwp = profile.wrapping().aesKwp();
        Long wrap = kwp == null ? null : kwp.wrap();
        Long unwrap = kwp == null ? null : kwp.unwrap();
        if (wrap == null || unwrap == null) {
            return new Capability(purpose, Verdict.UNUSABLE, "the profile states no wrapping.aesKwp; try --try");
        }
        return new Capability(purpose, Verdict.YES, hex(wrap) + ", " + hex(unwrap));
    }

    /** The officer's TRUSTED keys, locked in the user's private place. */
    private static Capability lockedKeys(TokenProfile.Trust trust) {
        String purpose = "locked storage keys (the ceremony)";
        if (trust.trustedKeys() == TokenProfile.TrustedKeys.OFFICER
                && trust.wrapWithTrusted() == Support.SUPPORTED
                && trust.unwrapTemplate() == Support.SUPPORTED
                && trust.copyObject() == Support.SUPPORTED) {
            return new Capability(purpose, Verdict.YES, "TRUSTED keys, unwrap templates, C_CopyObject");
        }
        boolean refused = trust.trustedKeys() == TokenProfile.TrustedKeys.VENDOR_TOOL
                || trust.trustedKeys() == TokenProfile.TrustedKeys.UNSUPPORTED
                || trust.wrapWithTrusted() == Support.UNSUPPORTED
                || trust.unwrapTemplate() == Support.UNSUPPORTED
                || trust.copyObject() == Support.UNSUPPORTED;
        return refused
                ? new Capability(purpose, Verdict.NO, "the profile's trust says that the ceremony cannot work")
                : new Capability(purpose, Verdict.LIMITED, "not established for this family: kiln hsm certify tells");
    }

    private static Capability agreedKeys(TokenProfile.@Nullable Ecdh ecdh) {
        String purpose = "transport keys to and from partners by ECDH";
        if (ecdh == null || !ecdh.kdfs().contains(EcdhKdf.SHA256)) {
            return new Capability(purpose, Verdict.NO, "the token does not run the KDF (ecdh.kdfs); RSA serves");
        }
        return ecdh.deriveTemplate() == Support.SUPPORTED
                ? new Capability(purpose, Verdict.YES, "both directions")
                : new Capability(purpose, Verdict.LIMITED, "outgoing only: no derive templates; RSA serves incoming");
    }

    private static Capability classicEki(@Nullable WrapMechanism aesCbc) {
        String purpose = "classic eKi (AES-CBC wrap, zero IV)";
        if (aesCbc == null || (aesCbc.wrap() == null && aesCbc.unwrap() == null)) {
            return new Capability(purpose, Verdict.NO, "the profile states no wrapping.aesCbc");
        }
        if (aesCbc.wrap() == null || aesCbc.unwrap() == null) {
            return new Capability(purpose, Verdict.LIMITED, aesCbc.wrap() == null ? "incoming only" : "outgoing only");
        }
        return new Capability(purpose, Verdict.YES, "both directions");
    }

    private static Capability tripleDes(TokenProfile.Wrapping wrapping) {
        boolean stated = wrapping.des3Cbc() != null || wrapping.des3Ecb() != null;
        return stated
                ? new Capability("3DES transport keys", Verdict.YES, "the profile states them")
                : new Capability("3DES transport keys", Verdict.NO, "no wrapping by 3DES in the profile");
    }

    private static Capability milenage(Set<Long> offered, TokenProfile.@Nullable Aka aka) {
        boolean has = aka != null && aka.milenage() != null && offered.contains(aka.milenage());
        return has
                ? new Capability("Milenage mechanism of the vendor", Verdict.LIMITED, drive(aka, "milenage"))
                : new Capability("Milenage mechanism of the vendor", Verdict.NO, "none; AES blocks serve");
    }

    private static Capability tuak(Set<Long> offered, TokenProfile.@Nullable Aka aka) {
        boolean vendor = aka != null && aka.tuak() != null && offered.contains(aka.tuak());
        if (vendor) {
            return new Capability("TUAK", Verdict.LIMITED, drive(aka, "tuak"));
        }
        if (offered.contains(SHAKE_256_KEY_DERIVATION)) {
            return new Capability("TUAK", Verdict.LIMITED, "SHAKE256 over keys is offered; Kiln does not call it yet");
        }
        return new Capability("TUAK", Verdict.LIMITED, "guarded host only: the token has no Keccak over keys");
    }

    private static String drive(TokenProfile.@Nullable Aka aka, String algorithm) {
        return aka != null && aka.drives(algorithm)
                ? "offered; Kiln drives it if auc.vendorMechanisms lists it"
                : "offered, but the profile does not state all of its numbers (aka)";
    }
}
