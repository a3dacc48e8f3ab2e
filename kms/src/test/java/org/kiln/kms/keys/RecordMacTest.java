package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;

class RecordMacTest {

    private static final byte[] RECORD = "a record".getBytes(StandardCharsets.UTF_8);

    @Test
    void bindsARecordToTheTokenThatMadeIt() {
        try (ScratchKeys one = ScratchKeys.create();
                ScratchKeys other = ScratchKeys.create();
                Session session = one.openAs(Ck.CKU_USER);
                Session otherSession = other.openAs(Ck.CKU_USER);
                RecordMac mac = RecordMac.derive(session, new KeyRing());
                RecordMac again = RecordMac.derive(session, new KeyRing());
                RecordMac foreign = RecordMac.derive(otherSession, new KeyRing())) {
            byte[] code = mac.compute(RECORD);
            assertThat(code).hasSize(RecordMac.OCTETS);
            assertThat(again.verify(RECORD, code)).isTrue();
            assertThat(foreign.verify(RECORD, code)).isFalse();
            byte[] changed = RECORD.clone();
            changed[0] ^= 1;
            assertThat(mac.verify(changed, code)).isFalse();
        }
    }
}
