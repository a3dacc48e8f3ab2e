package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.batch.Wrapping;

class LabRevealTest {

    private static TestRecipient recipient;
    private static TestSender production;
    private static TestSender laboratory;

    @TempDir
    private Path folder;

    @BeforeAll
    static void exchangeKeys() throws Exception {
        recipient = new TestRecipient();
        production = new TestSender("production");
        laboratory = new TestSender("laboratory");
        recipient.receiveFrom(production, KeyUse.PRODUCTION);
        recipient.receiveFrom(laboratory, KeyUse.LABORATORY);
    }

    @AfterAll
    static void close() {
        production.close();
        laboratory.close();
        recipient.close();
    }

    @Test
    void aLaboratoryKeyRevealsEveryValueOfABatch() throws Exception {
        LabReveal reveal = new LabReveal(recipient.token, laboratory.label);
        Map<String, byte[]> second = new HashMap<>();
        recipient.opener(laboratory).open(laboratory.file(folder, recipient), card -> {
            if (card.line() == 3) {
                for (String column : TestSender.WRAPPED) {
                    Wrapping wrapping = column.equals("OPC") ? Wrapping.AES_KW : Wrapping.AES_KWP;
                    second.put(
                            column,
                            octets(reveal.reveal(wrapping, card.value(column).orElseThrow())));
                }
            }
        });

        assertThat(second).containsOnlyKeys(TestSender.WRAPPED);
        second.forEach((column, value) -> assertThat(value).as(column).isEqualTo(TestSender.plain(column, 1)));
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void aProductionKeyRevealsNothing() throws Exception {
        LabReveal reveal = new LabReveal(recipient.token, production.label);
        String wrapped = production.wrap(Wrapping.AES_KWP, new byte[16]);

        assertThatThrownBy(() -> reveal.reveal(wrapped))
                .isInstanceOf(RecipientException.RevealRefused.class)
                .hasMessageContaining("'production'")
                .hasMessageContaining("laboratory");
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void aDamagedValueIsNotRevealed() throws Exception {
        LabReveal reveal = new LabReveal(recipient.token, laboratory.label);

        assertThatThrownBy(() -> reveal.reveal("00".repeat(24))).isInstanceOf(Pkcs11Exception.class);
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void aMissingKeyIsNamed() {
        assertThatThrownBy(() -> new LabReveal(recipient.token, "nowhere"))
                .isInstanceOf(RecipientException.UnknownTransportKey.class)
                .hasMessageContaining("'nowhere'");
    }

    private static byte[] octets(Secret secret) {
        try (secret) {
            return secret.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
