package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.pkcs11.Cka;
import org.kiln.transfer.batch.Content;

class OtaUseTest {

    @ParameterizedTest
    @CsvSource({
        "PLATFORM, KIC1, AES_KEY, ENCRYPT",
        "PLATFORM, KID15, AES_KEY, SIGN",
        "PLATFORM, KIC2_SSD1, DES_KEY, ENCRYPT",
        "PLATFORM, KID2, DES_KEY, ENCRYPT",
        "CARD, KIC1, AES_KEY, DECRYPT",
        "CARD, KID1_SSD1, AES_KEY, SIGN",
        "CARD, KIC1, DES_KEY, DECRYPT"
    })
    void keysForPacketsGetTheOneRightTheyNeed(OtaUse use, String column, Content content, Cka right) {
        assertThat(use.rights(column, content)).isEqualTo(Set.of(right));
        assertThat(OtaUse.NONE.rights(column, content)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"KI", "KIK1", "OPC", "KIC1_KCV_X_Y", "SCP03_ENC_30", "SCP81_PSK_40", "XKIC1", "KIC"})
    void otherKeysGetNone(String column) {
        assertThat(OtaUse.PLATFORM.rights(column, Content.AES_KEY)).isEmpty();
        assertThat(OtaUse.CARD.rights(column, Content.AES_KEY)).isEmpty();
    }

    @Test
    void whatIsNoKeyGetsNone() {
        assertThat(OtaUse.PLATFORM.rights("KIC1", Content.CODE)).isEmpty();
    }
}
