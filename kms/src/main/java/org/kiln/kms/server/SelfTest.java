package org.kiln.kms.server;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.token.EcdhKdf;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Known answers that a token must give before it serves. All keys here are published examples. */
public final class SelfTest {

    private static final Logger LOG = LoggerFactory.getLogger(SelfTest.class);
    private static final int P256_OCTETS = 32;

    private final Session session;
    private final TokenProfile profile;
    private final KeyPolicy policy;

    private SelfTest(Session session, TokenProfile profile) {
        this.session = session;
        this.profile = profile;
        policy = new KeyPolicy(profile.privateSessionObjects());
    }

    /** One known answer. */
    private record Case(String name, Answer answer, String expected) {}

    /** What the token computes, in hexadecimal. */
    @FunctionalInterface
    private interface Answer {
        byte[] compute(Arena arena);
    }

    /**
     * Asks for every known answer.
     *
     * @throws TokenException naming the first that the token does not give
     */
    public static void run(Session session, TokenProfile profile) {
        SelfTest test = new SelfTest(session, profile);
        List<Case> cases = new ArrayList<>(List.of(
                new Case("AES-ECB (FIPS 197 C.1)", test::ecb, "69c4e0d86a7b0430d8cdb78070b4c55a"),
                new Case("AES-CMAC (RFC 4493)", test::cmac, "070a16b46b4d4144f79bdd9dd04a287c"),
                new Case("AES key wrap (RFC 3394 4.1)", test::wrap, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"),
                new Case("AES key unwrap with padding (RFC 5649 6)", test::unwrap, "466f7250617369"),
                new Case("Milenage (TS 35.208 set 1)", test::milenage, "55f328b43577b9b94a9ffac354dfafb3")));
        test.diffieHellman().ifPresent(cases::add);
        for (Case known : cases) {
            known(known);
        }
    }

    /** Only where the profile says that the token has ECDH as the case needs it. */
    private Optional<Case> diffieHellman() {
        TokenProfile.Ecdh ecdh = profile.ecdh();
        if (ecdh == null || !ecdh.kdfs().contains(EcdhKdf.NONE)) {
            LOG.info(
                    "self-test without ECDH: profile {} states {}",
                    profile.family(),
                    ecdh == null ? "none" : "no derivation without KDF");
            return Optional.empty();
        }
        return Optional.of(new Case(
                "ECDH on P-256 (RFC 5903 8.1)",
                this::ecdh,
                "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"));
    }

    private static void known(Case known) {
        try (Arena arena = Arena.ofConfined()) {
            if (!Arrays.equals(known.answer().compute(arena), HexFormat.of().parseHex(known.expected()))) {
                throw new TokenException("the token fails its self-test: " + known.name()
                        + " gives another answer than the standard; take it out of service");
            }
        } catch (Pkcs11Exception e) {
            throw new TokenException(
                    "the token fails its self-test: " + known.name() + ": " + e.getMessage()
                            + "; does its profile fit it? Try 'kiln hsm probe'",
                    e);
        }
    }

    private static MemorySegment octets(Arena arena, String hex) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(hex));
    }

    private long key(Arena arena, String hex, Cka... rights) {
        return session.createObject(policy.publishedExample(octets(arena, hex), rights));
    }

    private byte[] ecb(Arena arena) {
        long key = key(arena, "000102030405060708090a0b0c0d0e0f", Cka.ENCRYPT);
        try {
            MemorySegment out = arena.allocate(16);
            session.encrypt(profile.aesEcb(), key, octets(arena, "00112233445566778899aabbccddeeff"), 16, out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        } finally {
            session.destroyObject(key);
        }
    }

    private byte[] cmac(Arena arena) {
        long key = key(arena, "2b7e151628aed2a6abf7158809cf4f3c", Cka.SIGN);
        try {
            MemorySegment out = arena.allocate(16);
            session.sign(Mechanism.of(Ckm.AES_CMAC), key, octets(arena, "6bc1bee22e409f96e93d7e117393172a"), 16, out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        } finally {
            session.destroyObject(key);
        }
    }

    private byte[] wrap(Arena arena) {
        long kek = key(arena, "000102030405060708090a0b0c0d0e0f", Cka.WRAP);
        long key = key(arena, "00112233445566778899aabbccddeeff");
        try {
            MemorySegment out = arena.allocate(64);
            int length = session.wrapKey(profile.aesKeyWrap(), kek, key, out);
            return out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            session.destroyObject(key);
            session.destroyObject(kek);
        }
    }

    private byte[] unwrap(Arena arena) {
        long kek = key(arena, "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", Cka.UNWRAP);
        try {
            MemorySegment blob = octets(arena, "afbeb0f07dfbf5419200f2ccb50bb24f");
            long key =
                    session.unwrapKey(profile.aesKeyUnwrapPadded(), kek, blob, 16, policy.unwrappedPublishedExample());
            MemorySegment value = arena.allocate(16);
            long length = session.getAttribute(key, Cka.VALUE, value);
            session.destroyObject(key);
            return value.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            session.destroyObject(kek);
        }
    }

    private byte[] ecdh(Arena arena) {
        long key = session.createObject(policy.publishedPrivateExample(
                octets(arena, "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433")));
        try {
            Mechanism agree = Mechanism.ecdh(HexFormat.of()
                    .parseHex("04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                            + "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"));
            long secret = session.deriveKey(agree, key, policy.derivedPublishedExample(P256_OCTETS));
            try {
                MemorySegment value = arena.allocate(P256_OCTETS);
                session.getAttribute(secret, Cka.VALUE, value);
                return value.toArray(ValueLayout.JAVA_BYTE);
            } finally {
                session.destroyObject(secret);
            }
        } finally {
            session.destroyObject(key);
        }
    }

    private byte[] milenage(Arena arena) {
        long ki = key(arena, "465b5ce8b199b49faa5f0a2ee238a6bc", Cka.ENCRYPT);
        try {
            List<AuthenticationVector> vectors = new VectorGenerator()
                    .generate(
                            (in, length, out) -> session.encrypt(profile.aesEcb(), ki, in, length, out),
                            octets(arena, "cd63cb71954a9f4e48a5994e37a02baf"),
                            octets(arena, "23553cbe9637a89d218ae64dae47bf35"),
                            new long[] {0xff9bb4d0b607L},
                            0xb9b9,
                            VectorKind.EpsAka.of(new PlmnId("001", "01")));
            return vectors.getFirst().autn();
        } finally {
            session.destroyObject(ki);
        }
    }
}
