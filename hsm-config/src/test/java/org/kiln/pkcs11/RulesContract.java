package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.token.ScratchToken;

/** The attribute rules on which Kiln's key hierarchy stands, beside those of {@link CryptokiContract}. */
abstract class RulesContract extends DerivationContract {

    private static final Template TRUSTED_KEK = with(SECRET_AES, Cka.TRUSTED, Cka.WRAP, Cka.UNWRAP).toBuilder()
            .with(Cka.VALUE_LEN, 32L)
            .build();

    private static Template only(Cka type, boolean value) {
        return Template.builder().with(type, value).build();
    }

    @Test
    void theOfficerMakesNoPrivateObjectAndNoExistingKeyTrusted() {
        become(Ck.CKU_SO);
        refused(
                "C_GenerateKey",
                Ckr.USER_NOT_LOGGED_IN,
                () -> session.generateKey(MAKE_AES, with(TRUSTED_KEK, Cka.PRIVATE)));
        long existing = session.generateKey(
                MAKE_AES,
                SECRET_AES.toBuilder()
                        .with(Cka.PRIVATE, false)
                        .with(Cka.VALUE_LEN, 32L)
                        .build());
        refused(
                "C_SetAttributeValue",
                Ckr.ATTRIBUTE_READ_ONLY,
                () -> session.setAttributes(existing, only(Cka.TRUSTED, true)));
    }

    /** A KEK that is not modifiable keeps out the right that would read what it wraps; one that is does not. */
    @Test
    void onlyAKekThatIsNotModifiableRefusesDecrypt() {
        long open = importAes(KEY, Cka.WRAP, Cka.UNWRAP);
        session.setAttributes(open, only(Cka.DECRYPT, true));
        assertThat(attribute(open, Cka.DECRYPT)).isEqualTo("01");
        long locked = session.copyObject(open, only(Cka.MODIFIABLE, false));
        refused(
                "C_SetAttributeValue",
                Ckr.ACTION_PROHIBITED,
                () -> session.setAttributes(locked, only(Cka.DECRYPT, false)));
    }

    @Test
    void aLockedTokenKekIsNotCopiedToASessionObject() {
        long kek = session.generateKey(
                MAKE_AES,
                Template.builder()
                        .with(Cka.TOKEN, true)
                        .with(Cka.PRIVATE, true)
                        .with(Cka.VALUE_LEN, 32L)
                        .with(Cka.WRAP, true)
                        .with(Cka.MODIFIABLE, false)
                        .build());
        refused("C_CopyObject", Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(kek, only(Cka.TOKEN, false)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Cka.class,
            names = {"WRAP_WITH_TRUSTED", "SENSITIVE"})
    void aProtectionIsNeitherClearedNorCopiedAway(Cka protection) {
        long key = session.createObject(with(SECRET_AES, Cka.EXTRACTABLE, protection).toBuilder()
                .with(Cka.VALUE, octets(KEY))
                .build());
        Template cleared = only(protection, false);
        refused("C_SetAttributeValue", Ckr.ATTRIBUTE_READ_ONLY, () -> session.setAttributes(key, cleared));
        refused("C_CopyObject", Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(key, cleared));
        assertThat(attribute(key, protection)).isEqualTo("01");
    }

    @Test
    void aKeyThatIsNotExtractableIsNotCopiedAsExtractable() {
        long fixed = session.copyObject(importAes(KEY), only(Cka.EXTRACTABLE, false));
        refused("C_CopyObject", Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(fixed, only(Cka.EXTRACTABLE, true)));
        refused(
                "C_SetAttributeValue",
                Ckr.ATTRIBUTE_READ_ONLY,
                () -> session.setAttributes(fixed, only(Cka.EXTRACTABLE, true)));
    }

    @Test
    void anUnwrapTemplateHoldsNoOther() {
        Template nested = Template.builder().with(Cka.UNWRAP_TEMPLATE, HIDDEN).build();
        refused(
                "C_GenerateKey",
                Ckr.ATTRIBUTE_VALUE_INVALID,
                () -> session.generateKey(
                        MAKE_AES,
                        with(SECRET_AES, Cka.UNWRAP).toBuilder()
                                .with(Cka.VALUE_LEN, 32L)
                                .with(Cka.UNWRAP_TEMPLATE, nested)
                                .build()));
    }

    /** The reason for unwrap templates: without one, the user reads what he unwraps. */
    @Test
    void withoutAnUnwrapTemplateABlobOpensAsAReadableKey() {
        Mechanism wrap = ScratchToken.profile().aesKeyWrap();
        long kek = importAes(KEY, Cka.WRAP, Cka.UNWRAP);
        var blob = arena.allocate(24);
        session.wrapKey(wrap, kek, importAes(PLAIN), blob);
        assertThat(attribute(
                        session.unwrapKey(ScratchToken.profile().aesKeyUnwrap(), kek, blob, 24, READABLE), Cka.VALUE))
                .isEqualTo(PLAIN);
    }

    @Test
    void anUnwrappedKeyIsNeverTrustedForTheUser() {
        long kek = importAes(KEY, Cka.WRAP, Cka.UNWRAP);
        var blob = arena.allocate(24);
        session.wrapKey(ScratchToken.profile().aesKeyWrap(), kek, importAes(PLAIN), blob);
        Mechanism unwrap = ScratchToken.profile().aesKeyUnwrap();
        refused(
                "C_UnwrapKey",
                Ckr.ATTRIBUTE_READ_ONLY,
                () -> session.unwrapKey(unwrap, kek, blob, 24, with(READABLE, Cka.TRUSTED)));
        long key = session.unwrapKey(unwrap, kek, blob, 24, READABLE);
        refused("C_CopyObject", Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(key, only(Cka.TRUSTED, true)));
    }

    /** The officer's key reaches the user's private place TRUSTED and with its unwrap template: the ceremony. */
    @Test
    void theUsersCopyOfTheOfficersKeyKeepsTrustAndTemplateAndTheOfficerDestroysHis() {
        become(Ck.CKU_SO);
        Template draft = TRUSTED_KEK.toBuilder().label("draft").build();
        long original = session.generateKey(
                MAKE_AES,
                draft.toBuilder()
                        .with(Cka.PRIVATE, false)
                        .with(Cka.UNWRAP_TEMPLATE, HIDDEN)
                        .build());
        assertThat(attribute(original, Cka.TRUSTED)).isEqualTo("01");
        become(Ck.CKU_USER);
        long found = session.findObjects(Template.builder().label("draft").build())[0];
        long own = session.copyObject(
                found,
                Template.builder()
                        .label("own")
                        .with(Cka.PRIVATE, true)
                        .with(Cka.MODIFIABLE, false)
                        .build());
        assertThat(attribute(own, Cka.TRUSTED)).isEqualTo("01");
        assertThat(session.getAttribute(own, Cka.UNWRAP_TEMPLATE, arena.allocate(96, 8)))
                .isEqualTo(48);
        session.destroyObject(found);
        assertThat(attribute(own, Cka.LABEL)).isEqualTo("6f776e");
    }
}
