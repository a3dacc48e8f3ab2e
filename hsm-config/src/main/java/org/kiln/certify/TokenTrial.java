package org.kiln.certify;

import static org.kiln.certify.OperationCases.KEY;
import static org.kiln.certify.OperationCases.PLAIN;
import static org.kiln.certify.OperationCases.ZERO;
import static org.kiln.certify.OperationCases.ZERO_UNDER_PLAIN;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiln.certify.CertifyCase.BrokenPromise;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Template;
import org.kiln.pkcs11.TokenInfo;
import org.kiln.secret.Secret;
import org.kiln.token.Support;
import org.kiln.token.TokenProfile;
import org.kiln.token.TokenProfile.Ecdh;
import org.kiln.token.TokenProfile.OaepHash;
import org.kiln.token.TokenProfile.Trust;
import org.kiln.token.TokenProfile.Wrapping;
import org.kiln.token.WrapMechanism;

/**
 * Tries on a live token what its list of mechanisms does not prove, with session objects that are destroyed, and says
 * what profile it found. Known answers tell which algorithm a number stands for, whatever its name.
 */
public final class TokenTrial {

    private static final List<Long> KW = List.of(0x2109L, 0x8000_0170L, 0x8000_2109L);
    private static final List<Long> KWP = List.of(0x210bL, 0x210aL, 0x8000_0171L, 0x8000_216fL);

    private final Bench bench;
    private final List<Tried> tried;

    private TokenTrial(Bench bench, List<Tried> tried) {
        this.bench = bench;
        this.tried = tried;
    }

    /**
     * One thing tried.
     *
     * @param answer {@code works}, or what the token answered
     */
    public record Tried(String what, boolean works, String answer) {}

    /**
     * What was seen.
     *
     * @param profile what the token can do; who makes TRUSTED keys is as the given profile says, since only the officer
     *     can tell
     */
    public record Trial(List<Tried> tried, TokenProfile profile) {

        public Trial {
            tried = List.copyOf(tried);
        }
    }

    /**
     * Logs in, tries, and destroys what it made.
     *
     * @param module goes into the profile
     * @throws Pkcs11Exception if the token refuses the PIN
     */
    public static Trial run(Cryptoki cryptoki, TokenInfo token, TokenProfile profile, Secret userPin, Path module) {
        List<Tried> tried = new ArrayList<>();
        TokenProfile able;
        try (Bench bench = new Bench(cryptoki, token.slot(), profile, userPin, null)) {
            able = new TokenTrial(bench, tried).abilities(token, module);
        }
        try (Bench bench = new Bench(cryptoki, token.slot(), able, userPin, null)) {
            return new Trial(tried, new TokenTrial(bench, tried).trusting());
        }
    }

    /** What the token can do, with the given profile's trust. */
    private TokenProfile abilities(TokenInfo token, Path module) {
        TokenProfile given = bench.profile();
        Wrapping wrapping = new Wrapping(
                first("AES key wrap (RFC 3394)", KW, KnownWraps.KW),
                first("AES key wrap with padding (RFC 5649)", KWP, KnownWraps.KWP),
                first("AES-CBC wrap, zero IV", List.of(Ckm.AES_CBC), KnownWraps.CBC),
                first("AES-ECB wrap", List.of(Ckm.AES_ECB), KnownWraps.ECB),
                first("3DES-CBC wrap, zero IV", List.of(Ckm.DES3_CBC), KnownWraps.DES3_CBC),
                first("3DES-ECB wrap", List.of(Ckm.DES3_ECB), KnownWraps.DES3_ECB));
        List<OaepHash> hashes = new ArrayList<>();
        for (OaepHash hash : List.of(OaepHash.SHA256, OaepHash.SHA1)) {
            if (works("RSA-OAEP with " + hash, () -> OperationCases.oaepRoundTrip(bench, hash.mechanism()))) {
                hashes.add(hash);
            }
        }
        Ecdh ecdh = new AgreementTrial(bench, this).run();
        boolean openObjects = works("session objects that are not private", () -> encrypts(new Scratch(false)));
        boolean privateObjects = works("session objects that are private", () -> encrypts(new Scratch(true)));
        return new TokenProfile(
                given.family(),
                "kiln hsm probe --try on " + token.manufacturer() + " " + token.model() + ", serial "
                        + token.serialNumber(),
                List.of(module.toString()),
                wrapping,
                hashes,
                ecdh,
                privateObjects && (given.privateSessionObjects() || !openObjects),
                given.trust(),
                given.aka(),
                given.maxSessions(),
                given.quirks());
    }

    /** The bench's profile, with what the token's rules were seen to be; they show only where AES key wrap works. */
    private TokenProfile trusting() {
        TokenProfile able = bench.profile();
        WrapMechanism kw = able.wrapping().aesKw();
        boolean wraps = kw != null && kw.wrap() != null;
        boolean unwraps = kw != null && kw.unwrap() != null;
        return able.with(new Trust(
                able.trust().trustedKeys(),
                wraps
                        ? support("WRAP_WITH_TRUSTED is honoured", () -> RuleCases.wrapWithTrusted(bench))
                        : Support.UNKNOWN,
                unwraps
                        ? support("unwrap templates are honoured", () -> RuleCases.unwrapTemplate(bench))
                        : Support.UNKNOWN,
                support("C_CopyObject", this::copies)));
    }

    /** The first of several numbers that does what it should in at least one direction. */
    private @Nullable WrapMechanism first(String what, List<Long> numbers, KnownWraps known) {
        for (long number : numbers) {
            Mechanism mechanism = known.mechanism(number);
            String name = what + ", 0x" + Long.toHexString(number);
            boolean wraps = works(name + ", wrap", () -> wraps(mechanism, known));
            boolean unwraps = works(name + ", unwrap", () -> unwraps(mechanism, known));
            if (wraps || unwraps) {
                return new WrapMechanism(wraps ? number : null, unwraps ? number : null);
            }
        }
        return null;
    }

    private void wraps(Mechanism mechanism, KnownWraps known) {
        long kek = bench.key(known.kek(bench.scratch(), Cka.WRAP), known.kekValue());
        Bench.same(
                "the wrapped key",
                known.blob(),
                bench.wrap(mechanism, kek, bench.key(bench.scratch().aes(), PLAIN)));
    }

    private void unwraps(Mechanism mechanism, KnownWraps known) {
        long kek = bench.key(known.kek(bench.scratch(), Cka.UNWRAP), known.kekValue());
        Template template = bench.scratch().aes(Cka.ENCRYPT).build();
        long key = bench.unwrap(mechanism, kek, known.blob(), template);
        Bench.same("the unwrapped key's answer", ZERO_UNDER_PLAIN, bench.encrypt(key, ZERO));
    }

    private void encrypts(Scratch scratch) {
        Bench.same(
                "the cipher text",
                OperationCases.CIPHER,
                bench.encrypt(bench.key(scratch.aes(Cka.ENCRYPT), KEY), PLAIN));
    }

    private void copies() {
        long key = bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY);
        long copy = bench.session()
                .copyObject(
                        key, Template.builder().label(Scratch.LABEL + "-copy").build());
        Bench.same("the copy's answer", OperationCases.CIPHER, bench.encrypt(copy, PLAIN));
    }

    private Support support(String what, Bench.Attempt attempt) {
        return works(what, attempt) ? Support.SUPPORTED : Support.UNSUPPORTED;
    }

    boolean works(String what, Bench.Attempt attempt) {
        try {
            attempt.run();
            tried.add(new Tried(what, true, "works"));
            return true;
        } catch (Pkcs11Exception | BrokenPromise e) {
            tried.add(new Tried(what, false, String.valueOf(e.getMessage())));
            return false;
        }
    }
}
