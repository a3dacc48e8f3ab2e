package org.kiln.certify;

import static org.kiln.certify.Bench.same;
import static org.kiln.certify.OperationCases.KEY;
import static org.kiln.certify.OperationCases.PLAIN;
import static org.kiln.certify.OperationCases.WRAPPED;
import static org.kiln.certify.OperationCases.user;

import java.util.List;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** The rules of attributes that keep the published attacks on PKCS#11 out of Kiln's key hierarchy. */
final class RuleCases {

    private static final Mechanism MAKE = Mechanism.of(Ckm.AES_KEY_GEN);

    private RuleCases() {}

    static List<CertifyCase> all() {
        return List.of(
                user("a key does only what its rights say", RuleCases::rights),
                user("a key that is not extractable is not wrapped", RuleCases::notExtractable),
                user("a WRAP_WITH_TRUSTED key does not leave under the user's own key", RuleCases::wrapWithTrusted),
                user("the user makes no TRUSTED key", RuleCases::userMakesNoTrusted),
                user("an unwrap template is enforced", RuleCases::unwrapTemplate),
                user("a key that is not modifiable stays as it is, copies included", RuleCases::notModifiable),
                user(
                        "SENSITIVE and WRAP_WITH_TRUSTED are not cleared, and EXTRACTABLE not regained",
                        RuleCases::ratchets),
                new CertifyCase("the officer makes no private object", true, RuleCases::officerMakesNoPrivate),
                new CertifyCase(
                        "the ceremony works: the user's locked copy stays TRUSTED and works",
                        true,
                        RuleCases::ceremony));
    }

    private static Template only(Cka type, boolean value) {
        return Template.builder().with(type, value).build();
    }

    private static void rights(Bench bench) {
        long idle = bench.key(bench.scratch().aes(), KEY);
        long other = bench.key(bench.scratch().aes(), PLAIN);
        Session session = bench.session();
        bench.refused("encrypting without ENCRYPT", () -> bench.encrypt(idle, PLAIN));
        bench.refused(
                "decrypting without DECRYPT",
                () -> session.decrypt(bench.profile().aesEcb(), idle, bench.octets(PLAIN), 16, bench.room(16)));
        bench.refused(
                "signing without SIGN",
                () -> session.sign(Mechanism.of(Ckm.AES_CMAC), idle, bench.octets(PLAIN), 16, bench.room(16)));
        bench.refused("wrapping without WRAP", () -> bench.wrap(bench.profile().aesKeyWrap(), idle, other));
        bench.refused(
                "unwrapping without UNWRAP",
                () -> bench.unwrap(
                        bench.profile().aesKeyUnwrap(),
                        idle,
                        WRAPPED,
                        bench.scratch().aes().build()));
    }

    private static void notExtractable(Bench bench) {
        long kek = bench.key(bench.scratch().aes(Cka.WRAP), KEY);
        long fixed = bench.key(bench.scratch().fixedAes(), PLAIN);
        bench.refused(
                "wrapping a key that is not extractable",
                () -> bench.wrap(bench.profile().aesKeyWrap(), kek, fixed));
    }

    static void wrapWithTrusted(Bench bench) {
        long kek = bench.key(bench.scratch().aes(Cka.WRAP), KEY);
        long guarded = bench.key(bench.scratch().guardedAes(), PLAIN);
        bench.refused(
                "wrapping a WRAP_WITH_TRUSTED key under a key that is not TRUSTED",
                () -> bench.wrap(bench.profile().aesKeyWrap(), kek, guarded));
    }

    private static void userMakesNoTrusted(Bench bench) {
        bench.refused(
                "the user generates a TRUSTED key",
                () -> bench.session()
                        .generateKey(
                                MAKE,
                                bench.scratch()
                                        .aes(Cka.WRAP)
                                        .with(Cka.VALUE_LEN, 32L)
                                        .with(Cka.TRUSTED, true)
                                        .build()));
        long own = bench.key(bench.scratch().aes(Cka.WRAP), KEY);
        bench.refused(
                "the user makes his key TRUSTED", () -> bench.session().setAttributes(own, only(Cka.TRUSTED, true)));
    }

    static void unwrapTemplate(Bench bench) {
        long strict = bench.key(bench.scratch().aes(Cka.UNWRAP).with(Cka.UNWRAP_TEMPLATE, Scratch.HIDDEN), KEY);
        Mechanism unwrap = bench.profile().aesKeyUnwrap();
        bench.refused(
                "unwrapping as a readable key under a KEK whose template forbids it",
                () -> bench.unwrap(
                        unwrap, strict, WRAPPED, bench.scratch().readable().build()));
        long hidden = bench.unwrap(
                unwrap, strict, WRAPPED, bench.scratch().guardedAes(Cka.ENCRYPT).build());
        same("the unwrapped key's WRAP_WITH_TRUSTED", "01", bench.attribute(hidden, Cka.WRAP_WITH_TRUSTED));
        same("the unwrapped key's value", "unavailable", bench.attribute(hidden, Cka.VALUE));
    }

    private static void notModifiable(Bench bench) {
        long locked = bench.session()
                .createObject(bench.scratch()
                        .fixedAes(Cka.WRAP, Cka.UNWRAP)
                        .with(Cka.VALUE, bench.octets(KEY))
                        .with(Cka.MODIFIABLE, false)
                        .build());
        Template decrypt = only(Cka.DECRYPT, true);
        bench.refused("switching DECRYPT on", () -> bench.session().setAttributes(locked, decrypt));
        bench.refused("copying with DECRYPT on", () -> bench.session().copyObject(locked, decrypt));
        bench.refused("copying as modifiable", () -> bench.session().copyObject(locked, only(Cka.MODIFIABLE, true)));
    }

    private static void ratchets(Bench bench) {
        long guarded = bench.key(bench.scratch().guardedAes(), KEY);
        long fixed = bench.key(bench.scratch().fixedAes(), PLAIN);
        Session session = bench.session();
        bench.refused("clearing SENSITIVE", () -> session.setAttributes(guarded, only(Cka.SENSITIVE, false)));
        bench.refused("copying without SENSITIVE", () -> session.copyObject(guarded, only(Cka.SENSITIVE, false)));
        Template leaves = only(Cka.WRAP_WITH_TRUSTED, false);
        bench.refused("clearing WRAP_WITH_TRUSTED", () -> session.setAttributes(guarded, leaves));
        bench.refused("copying without WRAP_WITH_TRUSTED", () -> session.copyObject(guarded, leaves));
        Template extractable = only(Cka.EXTRACTABLE, true);
        bench.refused("making a key extractable", () -> session.setAttributes(fixed, extractable));
        bench.refused("copying a key as extractable", () -> session.copyObject(fixed, extractable));
    }

    private static void officerMakesNoPrivate(Bench bench) {
        bench.becomeOfficer();
        bench.refused(
                "the officer makes a private key",
                () -> bench.session()
                        .generateKey(MAKE, Scratch.lasting(Cka.WRAP).build()));
    }

    private static void ceremony(Bench bench) {
        bench.becomeOfficer();
        Session session = bench.session();
        session.generateKey(MAKE, Scratch.draft());
        bench.becomeUser();
        long draft = session.findObjects(Template.builder().label(Scratch.LABEL).build())[0];
        long locked = session.copyObject(
                draft,
                Template.builder()
                        .label(Scratch.LABEL + "-locked")
                        .with(Cka.PRIVATE, true)
                        .with(Cka.MODIFIABLE, false)
                        .build());
        session.destroyObject(draft);
        same("the copy's TRUSTED", "01", bench.attribute(locked, Cka.TRUSTED));
        bench.refused("switching DECRYPT on", () -> session.setAttributes(locked, only(Cka.DECRYPT, true)));
        long guarded = bench.key(bench.scratch().guardedAes(), PLAIN);
        String blob = bench.wrap(bench.profile().aesKeyWrap(), locked, guarded);
        Mechanism unwrap = bench.profile().aesKeyUnwrap();
        bench.refused(
                "unwrapping what it wrapped as a readable key",
                () -> bench.unwrap(
                        unwrap, locked, blob, bench.scratch().readable().build()));
        long back = bench.unwrap(
                unwrap, locked, blob, bench.scratch().guardedAes(Cka.ENCRYPT).build());
        same(
                "the answer of the key that came back",
                OperationCases.ZERO_UNDER_PLAIN,
                bench.encrypt(back, OperationCases.ZERO));
    }
}
