package org.kiln.transfer.acknowledgement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.transfer.acknowledgement.Acknowledgement.Verdict;
import org.kiln.transfer.acknowledgement.AcknowledgementFile.Expected;
import org.kiln.transfer.envelope.DocumentSigner;
import org.kiln.transfer.envelope.EnvelopeException;
import org.kiln.transfer.envelope.Pki;
import org.kiln.transfer.envelope.SignerTrust;

class AcknowledgementTest {

    private static final Pki PKI = Pki.shared();
    static final String DIGEST = "ab".repeat(32);
    static final Expected EXPECTED = new Expected("order-17", "batch-3", DIGEST, 1000, "ACME Cards");

    static Acknowledgement accepted() {
        return new Acknowledgement(
                Acknowledgement.FORMAT,
                "order-17",
                "batch-3",
                DIGEST,
                1000,
                "ACME Cards",
                Pki.CLOCK.instant(),
                Verdict.ACCEPTED,
                List.of());
    }

    private static byte[] signed() throws IOException {
        return AcknowledgementFile.write(accepted(), PKI.signer, Pki.CLOCK);
    }

    private static AcknowledgementFile.Verified read(byte[] file, Expected expected) throws IOException {
        return AcknowledgementFile.read(
                new ByteArrayInputStream(file), SignerTrust.pinned(PKI.signer.certificate()), Pki.CLOCK, expected);
    }

    @Test
    void whatTheRecipientSignedIsReadBack() throws IOException {
        AcknowledgementFile.Verified verified = read(signed(), EXPECTED);

        assertThat(verified.acknowledgement()).isEqualTo(accepted());
        assertThat(verified.signer()).isEqualTo(PKI.signer.certificate());
    }

    @Test
    void aRejectionSaysWhy() throws IOException {
        Acknowledgement rejected = new Acknowledgement(
                Acknowledgement.FORMAT,
                "order-17",
                "batch-3",
                DIGEST,
                1000,
                "ACME Cards",
                Pki.CLOCK.instant(),
                Verdict.REJECTED,
                List.of("Line 7, column KI: the key does not have the check value stated."));

        assertThat(read(AcknowledgementFile.write(rejected, PKI.signer, Pki.CLOCK), EXPECTED)
                        .acknowledgement()
                        .reasons())
                .containsExactly("Line 7, column KI: the key does not have the check value stated.");
    }

    @Test
    void oneForAnythingElseIsRefusedAndToldWhatItIsFor() throws IOException {
        byte[] file = signed();

        assertThatThrownBy(() -> read(file, new Expected("order-18", "batch-3", DIGEST, 1000, "ACME Cards")))
                .isInstanceOf(AcknowledgementException.OtherOrder.class)
                .hasMessageContaining("order 'order-17', not for 'order-18'");
        assertThatThrownBy(() -> read(file, new Expected("order-17", "batch-4", DIGEST, 1000, "ACME Cards")))
                .isInstanceOf(AcknowledgementException.OtherBatch.class);
        assertThatThrownBy(() -> read(file, new Expected("order-17", "batch-3", "cd".repeat(32), 1000, "ACME Cards")))
                .isInstanceOf(AcknowledgementException.OtherContent.class);
        assertThatThrownBy(() -> read(file, new Expected("order-17", "batch-3", DIGEST, 999, "ACME Cards")))
                .isInstanceOf(AcknowledgementException.OtherContent.class);
        assertThatThrownBy(() -> read(file, new Expected("order-17", "batch-3", DIGEST, 1000, "Other Cards")))
                .isInstanceOf(AcknowledgementException.OtherRecipient.class);
    }

    @Test
    void oneThatSomebodyElseSignedIsRefused() throws IOException {
        byte[] file = signed();

        assertThatThrownBy(() -> AcknowledgementFile.read(
                        new ByteArrayInputStream(file), SignerTrust.pinned(PKI.ec.certificate()), Pki.CLOCK, EXPECTED))
                .isInstanceOf(EnvelopeException.UntrustedSigner.class);
    }

    @Test
    void oneThatWasAlteredIsRefused() throws IOException {
        byte[] altered = new String(signed(), StandardCharsets.ISO_8859_1)
                .replace("ACCEPTED", "REJECTED")
                .getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> read(altered, EXPECTED)).isInstanceOf(EnvelopeException.BadSignature.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"kiln-acknowledgement/1\" | \"kiln-acknowledgement/2\" | format",
                "\"ACCEPTED\" | \"MAYBE\" | verdict",
                "\"ACCEPTED\" | \"REJECTED\" | reasons",
                "\"quantity\" : 1000 | \"quantity\" : \"1000\" | quantity",
                "\"quantity\" : 1000 | \"quantity\" : 0 | quantity",
                "\"reasons\" | \"reason\" | reason",
                "ab | AB | manifest",
                "{ | [ | no"
            })
    void whatIsNoAcknowledgementIsRefused(String part, String replaced, String fault) throws IOException {
        byte[] file = signed();
        String signed = new String(file, StandardCharsets.ISO_8859_1);
        String good = signed.substring(signed.indexOf('{'), signed.indexOf(']') + 1) + "\n}";
        assertThat(AcknowledgementFile.parse(good.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(accepted());
        byte[] bad = DocumentSigner.sign(
                good.replace(part, replaced).getBytes(StandardCharsets.UTF_8), PKI.signer, Pki.CLOCK);

        assertThatThrownBy(() -> read(bad, EXPECTED))
                .isInstanceOf(AcknowledgementException.Malformed.class)
                .hasMessageContaining(fault);
    }
}
