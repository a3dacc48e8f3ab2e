package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.KeyPairHandles;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;

/**
 * The published attacks on PKCS#11 (Clulow 2003; Bortolozzo and others 2010), tried by a holder of the USER PIN on a
 * token that Kiln's own ceremony prepared. He has every stored blob too. The token itself must refuse each; where it
 * does not, the test says so and docs/security-model.md says what remains.
 */
class KeyAttacksTest {

    private static final Mechanism ECB = Mechanism.of(Ckm.AES_ECB);
    private static final Mechanism AES_KEY_GEN = Mechanism.of(Ckm.AES_KEY_GEN);
    private static final Mechanism RSA_PKCS = Mechanism.of(0x0001);
    private static final String OUTGOING = "vendor-out";
    private static final List<Cka> FORBIDDEN =
            List.of(Cka.DECRYPT, Cka.WRAP, Cka.UNWRAP, Cka.SIGN, Cka.VERIFY, Cka.DERIVE);

    private final Arena arena = Arena.ofConfined();
    private final KeyRing ring = new KeyRing();
    private final KeyPolicy policy = new KeyPolicy(false);
    private final Mechanism kwp = ScratchToken.profile().aesKeyWrapPadded();
    private final MemorySegment out = arena.allocate(512);
    private ScratchKeys keys;
    private Session session;
    private long storageKey;
    private long hostStorageKey;
    private MemorySegment kiBlob = MemorySegment.NULL;
    private MemorySegment opcBlob = MemorySegment.NULL;

    @BeforeEach
    void storeOneSubscriber() {
        keys = ScratchKeys.create();
        new TransportKeys(keys.ceremony()).generate(OUTGOING, 32);
        Partner.introduce(keys);
        session = keys.openAs(Ck.CKU_USER);
        storageKey = ring.secretKey(session, KeyLabels.storage(1));
        hostStorageKey = ring.secretKey(session, KeyLabels.hostStorage(1));
        StorageKeys storage = keys.storageKeys();
        kiBlob = stored(storage.hide(session, session.generateKey(AES_KEY_GEN, policy.newSubscriberKey(16))));
        opcBlob = stored(storage.shelve(session, session.createObject(policy.newOpc(arena.allocate(16)))));
    }

    private MemorySegment stored(WrappedKey key) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, key.blob());
    }

    @AfterEach
    void close() {
        session.close();
        keys.close();
        arena.close();
    }

    private static Template.Builder plain(long keyType) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, keyType)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.EXTRACTABLE, true);
    }

    private static Template.Builder hidden(long keyType) {
        return plain(keyType).with(Cka.SENSITIVE, true).with(Cka.WRAP_WITH_TRUSTED, true);
    }

    /** All that the storage key's unwrap template asks for, but for {@code right}, which is true. */
    private static Template conjured(long keyType, Cka right) {
        Template.Builder template = hidden(keyType).with(Cka.ENCRYPT, true);
        FORBIDDEN.forEach(one -> template.with(one, one == right));
        return template.build();
    }

    private static Template flag(Cka flag, boolean value) {
        return Template.builder().with(flag, value).build();
    }

    private long unwrapKi(Template template) {
        return session.unwrapKey(kwp, storageKey, kiBlob, (int) kiBlob.byteSize(), template);
    }

    private long kiThatMayLeave() {
        return unwrapKi(policy.arrivingSubscriberKey());
    }

    private static void assertRefused(Ckr answer, ThrowingCallable attempt) {
        assertThatThrownBy(attempt)
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(answer));
    }

    // Reading what a key-encrypting key protects

    @ParameterizedTest
    @ValueSource(strings = {"SK-1", "SKH-1", OUTGOING, Partner.LABEL, Partner.LABEL + "/opc"})
    void aWrappedKeyIsNotDecryptedByTheKeyThatWrapsIt(String kek) {
        long key = ring.secretKey(session, kek);
        assertRefused(Ckr.KEY_FUNCTION_NOT_PERMITTED, () -> session.decrypt(ECB, key, kiBlob, 16, out));
        assertRefused(Ckr.KEY_FUNCTION_NOT_PERMITTED, () -> session.encrypt(ECB, key, kiBlob, 16, out));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SK-1", "SKH-1", OUTGOING, Partner.LABEL, Partner.LABEL + "/opc"})
    void decryptIsNotSwitchedOnInAKek(String kek) {
        long key = ring.secretKey(session, kek);
        assertRefused(Ckr.ACTION_PROHIBITED, () -> session.setAttributes(key, flag(Cka.DECRYPT, true)));
        assertRefused(Ckr.ACTION_PROHIBITED, () -> session.setAttributes(key, flag(Cka.MODIFIABLE, true)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Cka.class,
            names = {"DECRYPT", "MODIFIABLE", "EXTRACTABLE", "TRUSTED"})
    void aCopyOfAKekGainsNoRight(Cka right) {
        assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(storageKey, flag(right, true)));
    }

    @Test
    void anOutgoingTransportKeyDoesNotUnwrap() {
        long outgoing = ring.secretKey(session, OUTGOING);
        int length = session.wrapKey(kwp, outgoing, kiThatMayLeave(), out);
        assertRefused(
                Ckr.KEY_FUNCTION_NOT_PERMITTED,
                () -> session.unwrapKey(
                        kwp, outgoing, out, length, plain(Ck.CKK_AES).build()));
    }

    // Bringing a stored key back with other attributes

    @Test
    void aStoredKeyIsNotUnwrappedReadable() {
        assertRefused(
                Ckr.TEMPLATE_INCONSISTENT,
                () -> unwrapKi(plain(Ck.CKK_AES)
                        .with(Cka.SENSITIVE, false)
                        .with(Cka.WRAP_WITH_TRUSTED, true)
                        .build()));
    }

    @Test
    void aStoredKeyIsNotUnwrappedFreeToLeaveUnderAnyKey() {
        assertRefused(
                Ckr.TEMPLATE_INCONSISTENT,
                () -> unwrapKi(plain(Ck.CKK_AES)
                        .with(Cka.SENSITIVE, true)
                        .with(Cka.WRAP_WITH_TRUSTED, false)
                        .build()));
    }

    @Test
    void aStoredKeyIsNotUnwrappedWithoutSayingWhatItIs() {
        assertRefused(
                Ckr.TEMPLATE_INCONSISTENT, () -> unwrapKi(plain(Ck.CKK_AES).build()));
    }

    @ParameterizedTest
    @EnumSource(
            value = Cka.class,
            names = {"SENSITIVE", "WRAP_WITH_TRUSTED"})
    void sayingBothYesAndNoDoesNotHelp(Cka flag) {
        for (boolean first : new boolean[] {true, false}) {
            Template.Builder twice = Template.builder().with(flag, first);
            twice.and(conjured(Ck.CKK_AES, Cka.ENCRYPT)).with(flag, !first);
            assertRefused(Ckr.TEMPLATE_INCONSISTENT, () -> unwrapKi(twice.build()));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Cka.class,
            names = {"DECRYPT", "WRAP", "UNWRAP", "SIGN", "DERIVE"})
    void aStoredKeyIsNotConjuredWithAnotherRight(Cka right) {
        assertRefused(Ckr.TEMPLATE_INCONSISTENT, () -> unwrapKi(conjured(Ck.CKK_AES, right)));
    }

    @Test
    void aStoredKeyIsNotConjuredTrusted() {
        assertRefused(
                Ckr.ATTRIBUTE_READ_ONLY,
                () -> unwrapKi(conjured(Ck.CKK_AES, Cka.ENCRYPT).toBuilder()
                        .with(Cka.TRUSTED, true)
                        .build()));
    }

    /** As a DES key, half a Ki would be found by 2^56 trials of one cipher, and the other half by as many more. */
    @ParameterizedTest
    @ValueSource(longs = {Ck.CKK_DES, Ck.CKK_DES2, Ck.CKK_DES3, Ck.CKK_GENERIC_SECRET})
    void aStoredKeyIsNotTakenForAKeyOfAnotherType(long keyType) {
        assertRefused(Ckr.TEMPLATE_INCONSISTENT, () -> unwrapKi(conjured(keyType, Cka.ENCRYPT)));
    }

    @Test
    void ofTwoTypesTheTokenTakesTheOneThatIsForced() {
        Template desThenAes = Template.builder()
                .with(Cka.KEY_TYPE, Ck.CKK_DES)
                .and(conjured(Ck.CKK_AES, Cka.ENCRYPT))
                .build();
        long key = unwrapKi(desThenAes);
        session.getAttribute(key, Cka.KEY_TYPE, out);
        assertThat(out.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(Ck.CKK_AES);
        Template aesThenDes = conjured(Ck.CKK_AES, Cka.ENCRYPT).toBuilder()
                .with(Cka.KEY_TYPE, Ck.CKK_DES)
                .build();
        assertRefused(Ckr.TEMPLATE_INCONSISTENT, () -> unwrapKi(aesThenDes));
    }

    @Test
    void aStoredKeyIsNotCutShort() {
        assertRefused(
                Ckr.ATTRIBUTE_READ_ONLY,
                () -> unwrapKi(conjured(Ck.CKK_AES, Cka.ENCRYPT).toBuilder()
                        .with(Cka.VALUE_LEN, 8L)
                        .build()));
    }

    @Test
    void aStoredKiDoesNotUnwrapUnderTheKeyWhoseContentsTheHostReads() {
        assertRefused(
                Ckr.GENERAL_ERROR,
                () -> session.unwrapKey(
                        kwp,
                        hostStorageKey,
                        kiBlob,
                        24,
                        plain(Ck.CKK_GENERIC_SECRET).with(Cka.SENSITIVE, false).build()));
    }

    @Test
    void aStoredOpcDoesNotUnwrapAsAKi() {
        assertRefused(
                Ckr.GENERAL_ERROR,
                () -> session.unwrapKey(kwp, storageKey, opcBlob, 24, conjured(Ck.CKK_AES, Cka.ENCRYPT)));
    }

    @Test
    void keyWrapWithoutPaddingDoesNotOpenWhatWasPadded() {
        assertRefused(
                Ckr.GENERAL_ERROR,
                () -> session.unwrapKey(
                        ScratchToken.profile().aesKeyWrap(),
                        storageKey,
                        kiBlob,
                        24,
                        conjured(Ck.CKK_AES, Cka.ENCRYPT)));
    }

    // Exporting a key under a key of the attacker's

    @Test
    void aKiDoesNotLeaveUnderAKeyOfTheUsersOwn() {
        long own = session.createObject(plain(Ck.CKK_AES)
                .with(Cka.WRAP, true)
                .with(Cka.VALUE, arena.allocate(16))
                .build());
        assertRefused(Ckr.KEY_NOT_WRAPPABLE, () -> session.wrapKey(kwp, own, kiThatMayLeave(), out));
    }

    @Test
    void theUserMakesNoTrustedKey() {
        Template known = plain(Ck.CKK_AES)
                .with(Cka.WRAP, true)
                .with(Cka.TRUSTED, true)
                .with(Cka.VALUE, arena.allocate(16))
                .build();
        assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.createObject(known));
        Template unknown = plain(Ck.CKK_AES)
                .with(Cka.WRAP, true)
                .with(Cka.TRUSTED, true)
                .with(Cka.VALUE_LEN, 16L)
                .build();
        assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.generateKey(AES_KEY_GEN, unknown));
    }

    @Test
    void aKiDoesNotLeaveUnderTheKeyWhoseContentsTheHostReads() {
        assertRefused(Ckr.KEY_NOT_WRAPPABLE, () -> session.wrapKey(kwp, hostStorageKey, kiThatMayLeave(), out));
    }

    @Test
    void aKiDoesNotLeaveUnderAnRsaKeyOfTheUsersOwn() {
        KeyPairHandles own = session.generateKeyPair(
                Mechanism.of(Ckm.RSA_PKCS_KEY_PAIR_GEN),
                rsaPublic()
                        .with(Cka.MODULUS_BITS, 2048L)
                        .with(Cka.PUBLIC_EXPONENT, new byte[] {1, 0, 1})
                        .build(),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.PRIVATE, true)
                        .with(Cka.DECRYPT, true)
                        .with(Cka.UNWRAP, true)
                        .build());
        long ki = kiThatMayLeave();
        assertRefused(Ckr.KEY_NOT_WRAPPABLE, () -> session.wrapKey(Mechanism.oaepSha1(), own.publicKey(), ki, out));
        assertRefused(Ckr.KEY_NOT_WRAPPABLE, () -> session.wrapKey(RSA_PKCS, own.publicKey(), ki, out));
        assertRefused(
                Ckr.ATTRIBUTE_READ_ONLY,
                () -> session.createObject(rsaPublic()
                        .with(Cka.CLASS, Ck.CKO_PUBLIC_KEY)
                        .with(Cka.KEY_TYPE, Ck.CKK_RSA)
                        .with(Cka.TRUSTED, true)
                        .with(Cka.MODULUS, new byte[256])
                        .with(Cka.PUBLIC_EXPONENT, new byte[] {1, 0, 1})
                        .build()));
    }

    private static Template.Builder rsaPublic() {
        return Template.builder()
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.WRAP, true);
    }

    @Test
    void aKiDoesNotLeaveUnderAKeyAgreedByEcdh() {
        KeyPairHandles pair = session.generateKeyPair(
                Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                KeyPolicy.signingPublicKey("attacker", "attacker".getBytes(StandardCharsets.UTF_8)),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.PRIVATE, true)
                        .with(Cka.DERIVE, true)
                        .build());
        int length = (int) session.getAttribute(pair.publicKey(), Cka.EC_POINT, out);
        byte[] point = out.asSlice(length - 65, 65).toArray(ValueLayout.JAVA_BYTE);
        Template.Builder kek = plain(Ck.CKK_AES)
                .with(Cka.SENSITIVE, false)
                .with(Cka.WRAP, true)
                .with(Cka.VALUE_LEN, 32L);
        try (RawDerivation attacker = new RawDerivation(keys.token().slot())) {
            RawDerivation.Derived derived = attacker.derive(pair.privateKey(), point, kek.build());
            assertThat(derived.answer()).isZero();
            assertRefused(Ckr.KEY_NOT_WRAPPABLE, () -> session.wrapKey(kwp, derived.key(), kiThatMayLeave(), out));
            assertThat(attacker.derive(
                                    pair.privateKey(),
                                    point,
                                    kek.with(Cka.TRUSTED, true).build())
                            .answer())
                    .isEqualTo(Ckr.ATTRIBUTE_READ_ONLY.code());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SK-1", "SKH-1", KeyLabels.RECORD_MASTER, OUTGOING, Partner.LABEL})
    void aKeyOfTheHierarchyDoesNotLeaveUnderAnother(String label) {
        long key = ring.secretKey(session, label);
        assertRefused(Ckr.KEY_UNEXTRACTABLE, () -> session.wrapKey(kwp, storageKey, key, out));
        assertRefused(Ckr.KEY_UNEXTRACTABLE, () -> session.wrapKey(kwp, ring.secretKey(session, OUTGOING), key, out));
    }

    @Test
    void whatBindsAKiToTrustedKeysIsNotTakenOff() {
        long ki = kiThatMayLeave();
        for (Cka flag : List.of(Cka.WRAP_WITH_TRUSTED, Cka.SENSITIVE)) {
            assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.setAttributes(ki, flag(flag, false)));
            assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(ki, flag(flag, false)));
        }
        assertThat(session.getAttribute(ki, Cka.VALUE, out)).isEqualTo(Ck.UNAVAILABLE);
    }

    @Test
    void aKiThatMayNotLeaveIsNotMadeToLeave() {
        long inUse = unwrapKi(policy.subscriberKeyInUse());
        assertRefused(Ckr.KEY_UNEXTRACTABLE, () -> session.wrapKey(kwp, storageKey, inUse, out));
        assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.setAttributes(inUse, flag(Cka.EXTRACTABLE, true)));
        assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(inUse, flag(Cka.EXTRACTABLE, true)));
    }

    // What the token does not refuse: docs/security-model.md, "What remains"

    @Test
    void aKiLeavesUnderAnyPartnersTrustedKey() {
        assertThat(session.wrapKey(kwp, ring.secretKey(session, OUTGOING), kiThatMayLeave(), out))
                .isEqualTo(24);
    }

    @Test
    void theUserComputesWithAnyKi() {
        assertThat(session.encrypt(ECB, unwrapKi(policy.subscriberKeyInUse()), arena.allocate(16), 16, out))
                .isEqualTo(16);
    }

    @Test
    void theUserDestroysAndDoublesKeys() {
        session.copyObject(storageKey, Template.builder().build());
        assertThatThrownBy(() -> new KeyRing().secretKey(session, KeyLabels.storage(1)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("holds 2 keys labelled 'SK-1'");
        session.destroyObject(storageKey);
        assertThat(new KeyRing().secretKey(session, KeyLabels.storage(1))).isNotEqualTo(storageKey);
    }

    /** While a draft stands, whoever is logged in as USER can take a copy that decrypts. */
    @Test
    void aDraftIsNotSafeFromTheUser() {
        session.close();
        try (Session officer = keys.openAs(Ck.CKU_SO)) {
            officer.generateKey(
                    AES_KEY_GEN, KeyPolicy.trustedDraft(Ceremony.DRAFT_PREFIX + "SK-2", KeyRole.STORAGE, 32, false));
        }
        session = keys.openAs(Ck.CKU_USER);
        long draft = session.findObjects(
                        Template.builder().label(Ceremony.DRAFT_PREFIX + "SK-2").build())[0];
        long copy = session.copyObject(
                draft,
                Template.builder()
                        .with(Cka.PRIVATE, true)
                        .with(Cka.DECRYPT, true)
                        .build());
        assertThat(session.decrypt(ECB, copy, arena.allocate(16), 16, out)).isEqualTo(16);
    }
}
