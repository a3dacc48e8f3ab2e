package org.kiln.transfer.acknowledgement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.kiln.fuzz.Fuzz;
import org.kiln.transfer.envelope.EnvelopeException;
import org.kiln.transfer.envelope.Pki;
import org.kiln.transfer.envelope.SignerTrust;

/** A mutant of an answer is refused, or is the very answer. */
class AcknowledgementFuzzTest {

    private static final Pki PKI = Pki.shared();
    private static final Acknowledgement GOOD = AcknowledgementTest.accepted();

    @Test
    void signedFiles() throws IOException {
        assertThat(Fuzz.of("acknowledgement", AcknowledgementFile.write(GOOD, PKI.signer, Pki.CLOCK))
                        .run(
                                mutant -> assertThat(read(mutant)).isEqualTo(GOOD),
                                EnvelopeException.class,
                                AcknowledgementException.class))
                .isPositive();
    }

    private static Acknowledgement read(byte[] file) throws IOException {
        return AcknowledgementFile.read(
                        new ByteArrayInputStream(file),
                        SignerTrust.pinned(PKI.signer.certificate()),
                        Pki.CLOCK,
                        AcknowledgementTest.EXPECTED)
                .acknowledgement();
    }

    /** What a partner may sign, whose signature is good. */
    @Test
    void whatIsSigned() {
        byte[] json = """
                {"format":"kiln-acknowledgement/1","orderId":"o","batchId":"b","manifest":"%s","quantity":1,
                 "recipient":"r","time":"2026-11-24T08:00:00Z","verdict":"REJECTED","reasons":["x"]}
                """.formatted(AcknowledgementTest.DIGEST).getBytes(StandardCharsets.UTF_8);
        assertThat(Fuzz.of("acknowledgement-json", json)
                        .run(AcknowledgementFile::parse, AcknowledgementException.class))
                .isPositive();
    }
}
