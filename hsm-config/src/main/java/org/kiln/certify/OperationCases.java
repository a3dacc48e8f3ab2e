package org.kiln.certify;

import static org.kiln.certify.Bench.differ;
import static org.kiln.certify.Bench.hex;
import static org.kiln.certify.Bench.same;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.kiln.certify.CertifyCase.NotApplicable;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.EcdhKdf;
import org.kiln.token.TokenProfile.Ecdh;
import org.kiln.token.TokenProfile.OaepHash;

/** Known answers, and sessions that behave. */
final class OperationCases {

    static final String KEY = "000102030405060708090a0b0c0d0e0f";
    static final String PLAIN = "00112233445566778899aabbccddeeff";
    static final String CIPHER = "69c4e0d86a7b0430d8cdb78070b4c55a";

    /** RFC 3394, clause 4.1: {@link #PLAIN} under {@link #KEY}. */
    static final String WRAPPED = "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5";

    /** A zero block under {@link #PLAIN} as the key. */
    static final String ZERO_UNDER_PLAIN = "fde4fbae4a09e020eff722969f83832b";

    static final String ZERO = "00".repeat(16);
    private static final String POINT = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
            + "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";
    private static final int THREADS = 4;
    private static final int ROUNDS = 25;

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
        cases.add(user("an input that is no whole block is refused, and the session goes on", OperationCases::odd));
        cases.add(user("a buffer too small is reported, and the session goes on", OperationCases::tooSmall));
        cases.add(user("a destroyed key is gone", OperationCases::destroyed));
        cases.add(user("a session's keys go with it", OperationCases::sessionObjects));
        cases.add(user("private session keys go with the login", OperationCases::logout));
        cases.add(user("a token key outlives its session and is found by its label", OperationCases::tokenObjects));
        cases.add(user("sessions work at once, each with its own answers", OperationCases::concurrent));
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

    private static void unwrap(Bench bench) {
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

    private static long derive(Bench bench, String point) {
        long key = bench.session()
                .createObject(
                        Scratch.p256(bench.octets("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433")));
        Template secret = bench.scratch().readable().with(Cka.VALUE_LEN, 32L).build();
        return bench.session().deriveKey(Mechanism.ecdh(HexFormat.of().parseHex(point)), key, secret);
    }

    private static void ecdh(Bench bench) {
        requireEcdh(bench);
        same(
                "the shared secret",
                "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
                bench.attribute(derive(bench, POINT), Cka.VALUE));
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

    private static void odd(Bench bench) {
        long key = bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY);
        bench.refused("AES-ECB over 15 octets", () -> bench.encrypt(key, PLAIN.substring(2)));
        same("the next answer", CIPHER, bench.encrypt(key, PLAIN));
    }

    private static void tooSmall(Bench bench) {
        long key = bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY);
        MemorySegment small = bench.room(8);
        bench.refused(
                "16 octets into 8",
                () -> bench.session().encrypt(bench.profile().aesEcb(), key, bench.octets(PLAIN), 16, small));
        same("the next answer", CIPHER, bench.encrypt(key, PLAIN));
    }

    private static void destroyed(Bench bench) {
        long key = bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY);
        bench.session().destroyObject(key);
        bench.refused("using a destroyed key", () -> bench.encrypt(key, PLAIN));
    }

    private static void sessionObjects(Bench bench) {
        Template passing = bench.scratch()
                .fixedAes(Cka.ENCRYPT)
                .label(Scratch.LABEL + "-passing")
                .with(Cka.VALUE_LEN, 16L)
                .build();
        try (Session other = bench.open()) {
            other.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), passing);
        }
        same(
                "the number of keys left",
                "0",
                Integer.toString(bench.session()
                        .findObjects(Template.builder()
                                .label(Scratch.LABEL + "-passing")
                                .build())
                        .length));
    }

    private static void logout(Bench bench) {
        Scratch hidden = new Scratch(true);
        long key = bench.key(hidden.aes(Cka.ENCRYPT), KEY);
        bench.becomeUser();
        bench.refused("using a private key of an earlier login", () -> bench.encrypt(key, PLAIN));
    }

    private static void tokenObjects(Bench bench) {
        try (Session other = bench.open()) {
            other.generateKey(
                    Mechanism.of(Ckm.AES_KEY_GEN), Scratch.lasting(Cka.ENCRYPT).build());
        }
        long[] found = bench.session()
                .findObjects(Template.builder().label(Scratch.LABEL).build());
        same("the number of keys found", "1", Integer.toString(found.length));
        differ("its answer and its input", bench.encrypt(found[0], ZERO), ZERO);
        bench.session().destroyObject(found[0]);
    }

    private static void concurrent(Bench bench) throws Exception {
        String expected = bench.encrypt(bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY), PLAIN);
        List<Callable<Void>> work = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            work.add(() -> {
                try (Bench own = bench.beside()) {
                    for (int round = 0; round < ROUNDS; round++) {
                        long key = own.key(own.scratch().aes(Cka.ENCRYPT, Cka.WRAP, Cka.UNWRAP), KEY);
                        same("an answer", expected, own.encrypt(key, PLAIN));
                        unwrap(own);
                        own.session().destroyObject(key);
                    }
                }
                return null;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
