package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;

/** What a holder of the USER PIN can and cannot do with Kiln's keys. */
class CeremonyTest {

    private final Arena arena = Arena.ofConfined();
    private final KeyRing ring = new KeyRing();
    private final KeyPolicy policy = new KeyPolicy(false);
    private final Mechanism kwp = ScratchToken.profile().aesKeyWrapPadded();
    private ScratchKeys keys;
    private Session session;
    private long storageKey;
    private WrappedKey ki;

    @BeforeEach
    void storeOneKi() {
        keys = ScratchKeys.create();
        session = keys.openAs(Ck.CKU_USER);
        storageKey = ring.secretKey(session, KeyLabels.storage(1));
        long key = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.newSubscriberKey(16));
        ki = keys.storageKeys().hide(session, key);
        session.destroyObject(key);
    }

    @AfterEach
    void close() {
        session.close();
        keys.close();
        arena.close();
    }

    private MemorySegment blob() {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, ki.blob());
    }

    private static Template.Builder aes(boolean sensitive) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.SENSITIVE, sensitive)
                .with(Cka.EXTRACTABLE, true);
    }

    private static void assertRefused(ThrowingCallable attempt, Ckr... answers) {
        assertThatThrownBy(attempt)
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class, e -> assertThat(e.ckr()).isIn((Object[]) answers));
    }

    private boolean flag(long object, Cka type) {
        MemorySegment value = arena.allocate(1);
        assertThat(session.getAttribute(object, type, value)).isEqualTo(1);
        return value.get(ValueLayout.JAVA_BYTE, 0) != 0;
    }

    @Test
    void theStorageKeyIsLocked() {
        assertThat(flag(storageKey, Cka.TRUSTED)).isTrue();
        assertThat(flag(storageKey, Cka.SENSITIVE)).isTrue();
        assertThat(flag(storageKey, Cka.PRIVATE)).isTrue();
        assertThat(flag(storageKey, Cka.EXTRACTABLE)).isFalse();
        assertThat(flag(storageKey, Cka.MODIFIABLE)).isFalse();
        assertThat(flag(storageKey, Cka.ENCRYPT)).isFalse();
        assertThat(flag(storageKey, Cka.DECRYPT)).isFalse();
    }

    @Test
    void theUserCannotUnwrapAStoredKiAsAReadableKey() {
        assertRefused(
                () -> session.unwrapKey(kwp, storageKey, blob(), 24, aes(false).build()), Ckr.TEMPLATE_INCONSISTENT);
        assertRefused(
                () -> session.unwrapKey(
                        kwp,
                        storageKey,
                        blob(),
                        24,
                        aes(false).with(Cka.WRAP_WITH_TRUSTED, true).build()),
                Ckr.TEMPLATE_INCONSISTENT);
        assertRefused(
                () -> session.unwrapKey(
                        kwp,
                        storageKey,
                        blob(),
                        24,
                        aes(true).with(Cka.WRAP_WITH_TRUSTED, false).build()),
                Ckr.TEMPLATE_INCONSISTENT);
    }

    @Test
    void theUserCannotDecryptAStoredKi() {
        MemorySegment out = arena.allocate(64);
        assertRefused(
                () -> session.decrypt(Mechanism.of(Ckm.AES_ECB), storageKey, blob(), 16, out),
                Ckr.KEY_FUNCTION_NOT_PERMITTED);
        assertRefused(
                () -> session.setAttributes(
                        storageKey, Template.builder().with(Cka.DECRYPT, true).build()),
                Ckr.ACTION_PROHIBITED);
        assertRefused(
                () -> session.copyObject(
                        storageKey, Template.builder().with(Cka.DECRYPT, true).build()),
                Ckr.ATTRIBUTE_READ_ONLY,
                Ckr.ACTION_PROHIBITED);
    }

    @Test
    void aKiInUseLeavesUnderNoKeyOfTheUsersOwn() {
        long inUse = session.unwrapKey(
                kwp,
                storageKey,
                blob(),
                24,
                aes(true).with(Cka.WRAP_WITH_TRUSTED, true).build());
        long own = session.createObject(aes(false)
                .with(Cka.WRAP, true)
                .with(Cka.VALUE, arena.allocate(16))
                .build());
        MemorySegment out = arena.allocate(64);
        assertRefused(() -> session.wrapKey(kwp, own, inUse, out), Ckr.KEY_NOT_WRAPPABLE);
        long shelf = ring.secretKey(session, KeyLabels.hostStorage(1));
        assertRefused(() -> session.wrapKey(kwp, shelf, inUse, out), Ckr.KEY_NOT_WRAPPABLE);
        assertThat(session.getAttribute(inUse, Cka.VALUE, out)).isEqualTo(Ck.UNAVAILABLE);
        assertRefused(
                () -> session.createObject(aes(false)
                        .with(Cka.WRAP, true)
                        .with(Cka.TRUSTED, true)
                        .with(Cka.VALUE, arena.allocate(16))
                        .build()),
                Ckr.ATTRIBUTE_READ_ONLY);
    }

    @Test
    void leavesNoDraftBehind() {
        long[] publicSecrets = session.findObjects(Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .build());
        assertThat(publicSecrets).isEmpty();
    }

    @Test
    void aLabelIsGivenOnce() {
        session.close();
        assertThatThrownBy(() -> keys.ceremony().foundation())
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("holds a key labelled 'SK-1' already");
    }
}
