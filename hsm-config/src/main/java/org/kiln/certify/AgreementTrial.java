package org.kiln.certify;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.token.EcdhKdf;
import org.kiln.token.Support;
import org.kiln.token.TokenProfile.Ecdh;
import org.kiln.token.TokenProfile.X25519;

/** Tries Diffie-Hellman: which key derivation functions, and how X25519 keys are made. */
final class AgreementTrial {

    private static final HexFormat HEX = HexFormat.of();
    private static final int KEY_OCTETS = 16;

    /** RFC 7748, clause 4.1: the base point; its multiple by a private key is the public key. */
    private static final byte[] BASE_POINT = HEX.parseHex("09" + "00".repeat(31));

    private static final List<X25519> WAYS = List.of(
            new X25519(0x1056, 0x41, "06032b656e"),
            new X25519(0x1056, 0x41, "130a63757276653235353139"),
            new X25519(0x1055, 0x40, "06032b656e"),
            new X25519(0x8000_0d01L, 0x41, "06032b656e"));

    private final Bench bench;
    private final TokenTrial trial;

    AgreementTrial(Bench bench, TokenTrial trial) {
        this.bench = bench;
        this.trial = trial;
    }

    /** Null if the token derives nothing. */
    @Nullable
    Ecdh run() {
        List<EcdhKdf> kdfs = new ArrayList<>();
        for (EcdhKdf kdf : EcdhKdf.values()) {
            if (trial.works("ECDH on P-256, KDF " + kdf, () -> derives(kdf))) {
                kdfs.add(kdf);
            }
        }
        X25519 found = null;
        for (X25519 way : WAYS) {
            String name = "X25519 by 0x%x with parameters %s".formatted(way.keyPairGeneration(), way.parameters());
            if (found == null && trial.works(name, () -> agrees(way))) {
                found = way;
            }
        }
        Support forced =
                !kdfs.isEmpty() && trial.works("derive templates are honoured", () -> forcesHidden(kdfs.getFirst()))
                        ? Support.SUPPORTED
                        : Support.UNSUPPORTED;
        return kdfs.isEmpty() && found == null ? null : new Ecdh(kdfs, found, forced);
    }

    private void derives(EcdhKdf kdf) {
        Mechanism mechanism = Mechanism.ecdh(kdf.code(), new byte[0], HEX.parseHex(OperationCases.POINT));
        int octets = kdf == EcdhKdf.NONE ? OperationCases.SECRET.length() / 2 : KEY_OCTETS;
        long secret = bench.session()
                .deriveKey(
                        mechanism,
                        OperationCases.p256(bench),
                        bench.scratch()
                                .readable()
                                .with(Cka.VALUE_LEN, (long) octets)
                                .build());
        Bench.same("the secret", expected(kdf), bench.attribute(secret, Cka.VALUE));
    }

    /** A key that keeps to the template is derived, one that can be read is refused. */
    private void forcesHidden(EcdhKdf kdf) {
        Mechanism agree = Mechanism.ecdh(kdf.code(), new byte[0], HEX.parseHex(OperationCases.POINT));
        long pair = bench.session()
                .generateKeyPair(
                        Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                        Scratch.publicKey().with(Cka.EC_PARAMS, Scratch.P256).build(),
                        Scratch.privateKey(Cka.DERIVE)
                                .with(Cka.DERIVE_TEMPLATE, Scratch.HIDDEN)
                                .build())
                .privateKey();
        bench.session()
                .deriveKey(
                        agree,
                        pair,
                        bench.scratch().guardedAes().with(Cka.VALUE_LEN, 32L).build());
        bench.refused(
                "a readable key under a derive template",
                () -> bench.session()
                        .deriveKey(
                                agree,
                                pair,
                                bench.scratch()
                                        .readable()
                                        .with(Cka.VALUE_LEN, 32L)
                                        .build()));
    }

    /** ANSI X9.63: the first block of the KDF without shared data. */
    private static String expected(EcdhKdf kdf) {
        if (kdf == EcdhKdf.NONE) {
            return OperationCases.SECRET;
        }
        try {
            MessageDigest hash = MessageDigest.getInstance(kdf.name().replace("SHA", "SHA-"));
            hash.update(HEX.parseHex(OperationCases.SECRET));
            return HEX.formatHex(Arrays.copyOf(hash.digest(new byte[] {0, 0, 0, 1}), KEY_OCTETS));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void agrees(X25519 way) {
        var pair = bench.session()
                .generateKeyPair(
                        Mechanism.of(way.keyPairGeneration()),
                        Scratch.publicKey()
                                .with(Cka.EC_PARAMS, HEX.parseHex(way.parameters()))
                                .build(),
                        Scratch.privateKey(Cka.DERIVE).build());
        long own = bench.session()
                .deriveKey(
                        Mechanism.ecdh(BASE_POINT),
                        pair.privateKey(),
                        bench.scratch().readable().with(Cka.VALUE_LEN, 32L).build());
        String point = bench.attribute(pair.publicKey(), Cka.EC_POINT);
        Bench.same(
                "the base point's multiple",
                point.substring(Math.max(0, point.length() - 64)),
                bench.attribute(own, Cka.VALUE));
    }
}
