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
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** What a ceremony makes and leaves; {@link KeyAttacksTest} tries to misuse it. */
class CeremonyTest {

    private final Arena arena = Arena.ofConfined();
    private final KeyRing ring = new KeyRing();
    private ScratchKeys keys;
    private Session session;
    private long storageKey;

    @BeforeEach
    void open() {
        keys = ScratchKeys.create();
        session = keys.openAs(Ck.CKU_USER);
        storageKey = ring.secretKey(session, KeyLabels.storage(1));
    }

    @AfterEach
    void close() {
        session.close();
        keys.close();
        arena.close();
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
