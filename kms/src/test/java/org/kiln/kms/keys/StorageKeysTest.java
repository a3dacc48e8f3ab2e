package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
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
                StorageKeys first = new StorageKeys(new KeyRing(), ScratchToken.profile(), () -> 1);
                StorageKeys second = new StorageKeys(new KeyRing(), ScratchToken.profile(), () -> 2);
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
}
