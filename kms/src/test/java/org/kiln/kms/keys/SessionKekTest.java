package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

/** A laboratory's storage key as an object of the session. */
class SessionKekTest {

    private static final KeyPolicy POLICY = new KeyPolicy(false);
    private static final String UNLOCKED = "laboratory/SK-1";

    private final Arena arena = Arena.ofConfined();
    private ScratchKeys keys;
    private Session session;
    private StorageKeys inToken;
    private StorageKeys inSession;

    @BeforeEach
    void open() {
        keys = ScratchKeys.create(Ceremony::laboratoryFoundation);
        session = keys.openAs(Ck.CKU_USER);
        inToken = keys.storageKeys();
        inSession = storageKeys(1);
    }

    private static StorageKeys storageKeys(int version) {
        return new StorageKeys(
                new KeyRing(), ScratchToken.profile(), () -> version, new OpcKeysInMemory(), KekPlace.SESSION);
    }

    @AfterEach
    void close() {
        session.close();
        keys.close();
        arena.close();
    }

    private WrappedKey newKi() {
        long ki = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), POLICY.newSubscriberKey(16));
        try {
            return inSession.hide(session, ki);
        } finally {
            session.destroyObject(ki);
        }
    }

    private byte[] blockUnder(StorageKeys storage, WrappedKey ki) {
        long key = storage.bringIntoUse(session, ki);
        MemorySegment out = arena.allocate(16);
        session.encrypt(ScratchToken.profile().aesEcb(), key, arena.allocate(16), 16, out);
        session.destroyObject(key);
        return out.toArray(ValueLayout.JAVA_BYTE);
    }

    private long[] copies() {
        return session.findObjects(Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.TOKEN, false)
                .label(UNLOCKED)
                .build());
    }

    @Test
    void itUnwrapsWhatTheLockedOneWrapped() {
        WrappedKey ki = newKi();
        assertThat(ki.keyLabel()).isEqualTo("SK-1");
        assertThat(blockUnder(inSession, ki)).isEqualTo(blockUnder(inToken, ki));
        assertThat(blockUnder(inSession, newKi())).isNotEqualTo(blockUnder(inSession, ki));
        assertThat(copies()).hasSize(1);
    }

    @Test
    void itIsMadeAnewWhenItIsGone() {
        WrappedKey ki = newKi();
        byte[] block = blockUnder(inSession, ki);
        long before = copies()[0];
        session.destroyObject(before);
        assertThat(blockUnder(inSession, ki)).isEqualTo(block);
        assertThat(copies()).hasSize(1).doesNotContain(before);
        session.close();
        session = keys.openAs(Ck.CKU_USER);
        assertThat(copies()).isEmpty();
        assertThat(blockUnder(inSession, ki)).isEqualTo(block);
    }

    @Test
    void itIsLockedAsTheOtherIs() {
        WrappedKey ki = newKi();
        inSession.prepare(session);
        long copy = copies()[0];
        for (Cka right : new Cka[] {Cka.DECRYPT, Cka.ENCRYPT, Cka.WRAP, Cka.SIGN, Cka.DERIVE, Cka.EXTRACTABLE}) {
            Template granted = Template.builder().with(right, true).build();
            assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(copy, granted));
        }
        assertThatThrownBy(() -> session.setAttributes(
                        copy, Template.builder().with(Cka.DECRYPT, true).build()))
                .isInstanceOf(Pkcs11Exception.class);
        assertRefused(Ckr.TEMPLATE_INCONSISTENT, () -> unwrap(copy, ki, POLICY.readableByHost()));
        assertRefused(
                Ckr.KEY_FUNCTION_NOT_PERMITTED,
                () -> session.wrapKey(ScratchToken.profile().aesKeyWrapPadded(), copy, copy, arena.allocate(64)));
    }

    private long unwrap(long kek, WrappedKey ki, Template template) {
        byte[] blob = ki.blob();
        return session.unwrapKey(
                ScratchToken.profile().aesKeyUnwrapPadded(),
                kek,
                arena.allocateFrom(ValueLayout.JAVA_BYTE, blob),
                blob.length,
                template);
    }

    /** What the setting costs. */
    @Test
    void withTheUnlockedOneTheUserDecrypts() {
        long unlocked = KeyRing.find(session, Ck.CKO_SECRET_KEY, UNLOCKED).orElseThrow();
        long copy = session.copyObject(
                unlocked,
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.DECRYPT, true)
                        .build());
        assertThat(session.decrypt(ScratchToken.profile().aesEcb(), copy, arena.allocate(16), 16, arena.allocate(16)))
                .isEqualTo(16);
    }

    @Test
    void theLockedOneHasNoCopyInASession() {
        long locked = KeyRing.find(session, Ck.CKO_SECRET_KEY, "SK-1").orElseThrow();
        assertRefused(Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(locked, KeyPolicy.storageKeyOfSession()));
    }

    @Test
    void aVersionWithoutAnUnlockedKeyIsRefused() {
        session.close();
        keys.ceremony().storageKeys(2);
        session = keys.openAs(Ck.CKU_USER);
        assertThatThrownBy(() -> storageKeys(2).prepare(session))
                .isInstanceOf(KeyException.class)
                .hasMessageContainingAll("laboratory/SK-2", "set hsm.kek to 'token'");
    }

    @Test
    void aDestroyedVersionLeavesNoUnlockedKey() {
        inToken.destroyVersion(session, 1);
        assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, UNLOCKED)).isEmpty();
    }

    private static void assertRefused(Ckr answer, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class,
                        refused -> assertThat(refused.ckr()).isEqualTo(answer));
    }
}
