package org.kiln.transfer.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.fuzz.Fuzz;

/** Mutants of good envelopes: each is refused by an {@link EnvelopeException}, or opens to the very same content. */
class EnvelopeFuzzTest {

    private static final Pki PKI = Pki.shared();
    private static final byte[] CONTENT = "content".repeat(5).getBytes(StandardCharsets.US_ASCII);
    private static byte[] toEc = {};

    @TempDir
    private Path folder;

    @BeforeAll
    static void seal() throws IOException {
        toEc = Envelopes.seal(CONTENT, PKI.ec.certificate());
    }

    @Test
    void mutantsToAnEcRecipient() throws IOException {
        Opener opener = Envelopes.opener(PKI.ec);
        run(Fuzz.of("envelope-ec", toEc).shortRun(3000), mutant -> opens(opener, mutant));
    }

    @Test
    void mutantsToAnRsaRecipient() throws IOException {
        Opener opener = Envelopes.opener(PKI.rsa);
        byte[] toRsa = Envelopes.seal(CONTENT, PKI.rsa.certificate());
        run(Fuzz.of("envelope-rsa", toRsa).shortRun(1500), mutant -> opens(opener, mutant));
    }

    /** Anybody can encrypt to a recipient, so the signed layer meets mutants whose tag is right. */
    @Test
    void mutantsOfALayerSignedByOneWhoIsPinned() throws IOException {
        signedLayer("signed-pinned", SignerTrust.pinned(PKI.signer.certificate()));
    }

    @Test
    void mutantsOfALayerSignedUnderAnAuthority() throws IOException {
        signedLayer("signed-issued", SignerTrust.issuedBy(PKI.authority));
    }

    private void signedLayer(String name, SignerTrust trust) throws IOException {
        Opener opener = new Opener(PKI.ec, trust, Pki.CLOCK);
        run(
                Fuzz.of(name, Envelopes.decrypt(toEc, PKI.ec)).shortRun(1500),
                mutant -> opens(
                        opener, Envelopes.encrypt(mutant, NISTObjectIdentifiers.id_aes256_GCM, PKI.ec.certificate())));
    }

    private void opens(Opener opener, byte[] envelope) throws IOException {
        assertThat(Envelopes.open(opener, folder, envelope)).isEqualTo(CONTENT);
    }

    private static void run(Fuzz fuzz, Fuzz.Decoder decoder) {
        assertThat(fuzz.run(decoder, EnvelopeException.class)).isPositive();
    }
}
