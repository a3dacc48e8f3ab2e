package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;

class StorageKeysTest {

    /** AES-KWP is deterministic: a key that moved looks like the same key wrapped under the new version at once. */
    @Test
    void whatMovesIsTheSameKeyUnderTheNewVersion() {
        try (ScratchKeys keys = ScratchKeys.create();
                Arena arena = Arena.ofConfined()) {
            keys.ceremony().storageKeys(2);
            try (Session session = keys.openAs(Ck.CKU_USER)) {
                OpcKeyStore opcKeys = new OpcKeysInMemory();
                StorageKeys first = new StorageKeys(new KeyRing(), ScratchToken.profile(), () -> 1, opcKeys);
                StorageKeys second = new StorageKeys(new KeyRing(), ScratchToken.profile(), () -> 2, opcKeys);
                KeyPolicy policy = new KeyPolicy(false);
                MemorySegment code = arena.allocate(8);
                code.fill((byte) 0x39);
                List<Long> hidden = List.of(
                        session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.newCardKey(16)),
                        session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.newCardKey(24)),
                        session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.newCardKey(32)),
                        session.createObject(policy.newCode(code)));
                for (long key : hidden) {
                    WrappedKey moved = first.move(session, first.hide(session, key), 1, 2);
                    assertThat(moved.keyLabel()).isEqualTo("SK-2");
                    assertThat(moved.blob()).isEqualTo(second.hide(session, key).blob());
                }
                long opc = session.createObject(policy.newOpc(arena.allocate(16)));
                WrappedKey moved = first.move(session, first.shelve(session, opc), 1, 2);
                assertThat(moved.keyLabel()).isEqualTo("SKH-2");
                assertThat(moved.blob()).isEqualTo(second.shelve(session, opc).blob());

                WrappedKey other = second.hide(session, hidden.getFirst());
                assertThat(first.move(session, other, 1, 2)).isSameAs(other);
                assertThat(session.findObjects(Template.builder()
                                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                                .with(Cka.TOKEN, false)
                                .build()))
                        .hasSize(hidden.size() + 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32})
    void opcLiesUnderAKeyOfItsOwnThatMovesToo(int octets) {
        try (ScratchKeys keys = ScratchKeys.create();
                Arena arena = Arena.ofConfined()) {
            keys.ceremony().storageKeys(2);
            OpcKeyStore opcKeys = new OpcKeysInMemory();
            StorageKeys storage = new StorageKeys(new KeyRing(), ScratchToken.profile(), () -> 1, opcKeys);
            MemorySegment opc = arena.allocate(octets);
            for (int i = 0; i < octets; i++) {
                opc.set(ValueLayout.JAVA_BYTE, i, (byte) (7 * i));
            }
            MemorySegment read = arena.allocate(32);
            WrappedKey moved;
            try (Session session = keys.openAs(Ck.CKU_USER)) {
                WrappedKey stored = storage.shelveOpc(session, opc);
                assertThat(stored.keyLabel()).isEqualTo("SKO-1");
                assertThat(stored.blob()).hasSize(octets).isNotEqualTo(opc.toArray(ValueLayout.JAVA_BYTE));
                moved = storage.move(session, stored, 1, 2);
                assertThat(moved.keyLabel()).isEqualTo("SKO-2");
                assertThat(moved.blob()).isNotEqualTo(stored.blob());
                storage.show(session, stored, object -> session.getAttribute(object, Cka.VALUE_LEN, read));
                assertThat(read.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) octets);
            }
            try (Session another = keys.openAs(Ck.CKU_USER)) {
                StorageKeys restarted = new StorageKeys(new KeyRing(), ScratchToken.profile(), () -> 2, opcKeys);
                restarted.readOpc(another, moved, read);
                assertThat(read.asSlice(0, octets).toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(opc.toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void anOpcKeyWhoseObjectIsGoneComesIntoUseAgain() {
        try (ScratchKeys keys = ScratchKeys.create();
                Session session = keys.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            StorageKeys storage = keys.storageKeys();
            MemorySegment opc = arena.allocate(16);
            WrappedKey stored = storage.shelveOpc(session, opc);
            for (long object : session.findObjects(Template.builder()
                    .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                    .with(Cka.TOKEN, false)
                    .build())) {
                session.destroyObject(object);
            }
            assertThat(storage.shelveOpc(session, opc).blob()).isEqualTo(stored.blob());
        }
    }

    @Test
    void anOpcUnderAKeyThatIsUnknownIsRefused() {
        try (ScratchKeys keys = ScratchKeys.create();
                Session session = keys.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            StorageKeys storage = keys.storageKeys();
            MemorySegment read = arena.allocate(32);
            assertThatThrownBy(() -> storage.readOpc(session, new WrappedKey("SKO-x", new byte[16]), read))
                    .isInstanceOf(KeyException.class)
                    .hasMessageContaining("'SKO-x' is not the label of an OPc key");
            assertThatThrownBy(() -> storage.readOpc(session, new WrappedKey("SKO-7", new byte[16]), read))
                    .isInstanceOf(KeyException.class)
                    .hasMessageContaining("SKH-7");
        }
    }
}
