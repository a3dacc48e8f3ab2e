package org.kiln.certify;

import static org.kiln.certify.Bench.differ;
import static org.kiln.certify.Bench.hex;
import static org.kiln.certify.Bench.same;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.kiln.certify.CertifyCase.NotApplicable;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Template;
import org.kiln.token.EcdhKdf;
import org.kiln.token.TokenProfile.Ecdh;
import org.kiln.token.TokenProfile.OaepHash;

/** Known answers. */
final class OperationCases {

    static final String KEY = "000102030405060708090a0b0c0d0e0f";
    static final String PLAIN = "00112233445566778899aabbccddeeff";
    static final String CIPHER = "69c4e0d86a7b0430d8cdb78070b4c55a";

    /** RFC 3394, clause 4.1: {@link #PLAIN} under {@link #KEY}. */
    static final String WRAPPED = "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5";

    /** A zero block under {@link #PLAIN} as the key. */
    static final String ZERO_UNDER_PLAIN = "fde4fbae4a09e020eff722969f83832b";

    static final String ZERO = "00".repeat(16);
    static final String DES3_KEY = "0123456789abcdef23456789abcdef01456789abcdef0123";

    /** RFC 5903, clause 8.1: the responder's point, and the secret. */
    static final String POINT = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
            + "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";

    static final String SECRET = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";

    private OperationCases() {}

    static List<CertifyCase> all() {
        List<CertifyCase> cases = new ArrayList<>();
        cases.add(user("AES-ECB gives FIPS 197's answer", OperationCases::ecb));
        cases.add(user("AES-CMAC gives RFC 4493's answer", OperationCases::cmac));
        cases.add(user("AES key wrap gives RFC 3394's answer", OperationCases::wrap));
        cases.add(user("AES key unwrap takes RFC 3394's answer", OperationCases::unwrap));
        cases.add(user("AES key unwrap with padding takes RFC 5649's answer", OperationCases::unwrapPadded));
        cases.add(user("a wrapped key that was changed does not unwrap", OperationCases::damaged));
        for (OaepHash hash : OaepHash.values()) {
            cases.add(user("RSA-OAEP with " + hash + " wraps and unwraps", bench -> oaep(bench, hash)));
        }
        cases.add(user("ECDH on P-256 gives RFC 5903's answer", OperationCases::ecdh));
        cases.add(user("ECDH refuses a point that is not on the curve", OperationCases::wrongPoint));
        cases.add(user("random numbers differ", OperationCases::random));
        cases.add(user("generated keys differ", OperationCases::generated));
        return cases;
    }

    static CertifyCase user(String name, CertifyCase.Check check) {
        return new CertifyCase(name, false, check);
    }

    private static void ecb(Bench bench) {
        same("the cipher text", CIPHER, bench.encrypt(bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY), PLAIN));
    }

    private static void cmac(Bench bench) {
        long key = bench.key(bench.scratch().aes(Cka.SIGN), "2b7e151628aed2a6abf7158809cf4f3c");
        MemorySegment out = bench.room(16);
        int length = bench.session()
                .sign(Mechanism.of(Ckm.AES_CMAC), key, bench.octets("6bc1bee22e409f96e93d7e117393172a"), 16, out);
        same("the MAC", "070a16b46b4d4144f79bdd9dd04a287c", hex(out, length));
    }

    private static void wrap(Bench bench) {
        long kek = bench.key(bench.scratch().aes(Cka.WRAP), KEY);
        long key = bench.key(bench.scratch().aes(), PLAIN);
        same("the wrapped key", WRAPPED, bench.wrap(bench.profile().aesKeyWrap(), kek, key));
    }

    static void unwrap(Bench bench) {
        long kek = bench.key(bench.scratch().aes(Cka.UNWRAP), KEY);
        long key = bench.unwrap(
                bench.profile().aesKeyUnwrap(),
                kek,
                WRAPPED,
                bench.scratch().aes(Cka.ENCRYPT).build());
        same("the unwrapped key's answer", ZERO_UNDER_PLAIN, bench.encrypt(key, ZERO));
    }

    private static void unwrapPadded(Bench bench) {
        long kek = bench.key(bench.scratch().aes(Cka.UNWRAP), "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");
        long key = bench.unwrap(
                bench.profile().aesKeyUnwrapPadded(),
                kek,
                "afbeb0f07dfbf5419200f2ccb50bb24f",
                bench.scratch().readable().build());
        same("the unwrapped secret", "466f7250617369", bench.attribute(key, Cka.VALUE));
    }

    private static void damaged(Bench bench) {
        long kek = bench.key(bench.scratch().aes(Cka.UNWRAP), KEY);
        bench.refused(
                "unwrapping a blob with its last bit flipped",
                () -> bench.unwrap(
                        bench.profile().aesKeyUnwrap(),
                        kek,
                        WRAPPED.substring(0, 47) + "4",
                        bench.scratch().aes(Cka.ENCRYPT).build()));
    }

    private static void oaep(Bench bench, OaepHash hash) {
        if (!bench.profile().oaepHashes().contains(hash)) {
            throw new NotApplicable("the profile does not state it (oaepHashes)");
        }
        oaepRoundTrip(bench, hash.mechanism());
    }

    static void oaepRoundTrip(Bench bench, Mechanism oaep) {
        var pair = bench.session()
                .generateKeyPair(
                        Mechanism.of(Ckm.RSA_PKCS_KEY_PAIR_GEN),
                        Scratch.publicKey()
                                .with(Cka.MODULUS_BITS, 2048L)
                                .with(Cka.PUBLIC_EXPONENT, new byte[] {1, 0, 1})
                                .with(Cka.WRAP, true)
                                .build(),
                        Scratch.privateKey(Cka.UNWRAP).build());
        String blob =
                bench.wrap(oaep, pair.publicKey(), bench.key(bench.scratch().aes(), PLAIN));
        long key = bench.unwrap(
                oaep, pair.privateKey(), blob, bench.scratch().aes(Cka.ENCRYPT).build());
        same("the unwrapped key's answer", ZERO_UNDER_PLAIN, bench.encrypt(key, ZERO));
    }

    private static void requireEcdh(Bench bench) {
        Ecdh ecdh = bench.profile().ecdh();
        if (ecdh == null || !ecdh.kdfs().contains(EcdhKdf.NONE)) {
            throw new NotApplicable("the profile states no ECDH without KDF (ecdh.kdfs)");
        }
    }

    /** The initiator's private key of RFC 5903. */
    static long p256(Bench bench) {
        return bench.session()
                .createObject(
                        Scratch.p256(bench.octets("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433")));
    }

    private static long derive(Bench bench, String point) {
        long key = p256(bench);
        Template secret = bench.scratch().readable().with(Cka.VALUE_LEN, 32L).build();
        return bench.session().deriveKey(Mechanism.ecdh(HexFormat.of().parseHex(point)), key, secret);
    }

    private static void ecdh(Bench bench) {
        requireEcdh(bench);
        same("the shared secret", SECRET, bench.attribute(derive(bench, POINT), Cka.VALUE));
    }

    private static void wrongPoint(Bench bench) {
        requireEcdh(bench);
        bench.refused("deriving with a wrong point", () -> derive(bench, POINT.substring(0, 129) + "c"));
    }

    private static void random(Bench bench) {
        MemorySegment one = bench.room(32);
        MemorySegment two = bench.room(32);
        bench.session().generateRandom(one);
        bench.session().generateRandom(two);
        differ("two random numbers", hex(one, 32), hex(two, 32));
        differ("a random number and zero", hex(one, 32), "00".repeat(32));
    }

    private static void generated(Bench bench) {
        Template template =
                bench.scratch().fixedAes(Cka.ENCRYPT).with(Cka.VALUE_LEN, 32L).build();
        Mechanism make = Mechanism.of(Ckm.AES_KEY_GEN);
        long one = bench.session().generateKey(make, template);
        long two = bench.session().generateKey(make, template);
        differ("two keys' answers", bench.encrypt(one, ZERO), bench.encrypt(two, ZERO));
        same("a sensitive key's value", "unavailable", bench.attribute(one, Cka.VALUE));
    }
}
