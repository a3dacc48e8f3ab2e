package org.kiln.transfer.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.transfer.Seeds;

/** Mutants of good envelopes: each is refused by an {@link EnvelopeException}, or opens to the very same content. */
class EnvelopeFuzzTest {

    private static final Pki PKI = Pki.shared();
    private static final byte[] CONTENT = "content".repeat(5).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    @Test
    void mutantsToAnEcRecipient() throws IOException {
        byte[] envelope = Envelopes.seal(CONTENT, PKI.ec.certificate());
        fuzz(3000, Envelopes.opener(PKI.ec), random -> Seeds.mutate(envelope, random));
    }

    @Test
    void mutantsToAnRsaRecipient() throws IOException {
        byte[] envelope = Envelopes.seal(CONTENT, PKI.rsa.certificate());
        fuzz(1500, Envelopes.opener(PKI.rsa), random -> Seeds.mutate(envelope, random));
    }

    /** Anybody can encrypt to a recipient, so the signed layer meets mutants whose tag is right. */
    @Test
    void mutantsOfTheSignedLayer() throws IOException {
        byte[] signed = Envelopes.decrypt(Envelopes.seal(CONTENT, PKI.ec.certificate()), PKI.ec);
        for (SignerTrust trust :
                new SignerTrust[] {SignerTrust.pinned(PKI.signer.certificate()), SignerTrust.issuedBy(PKI.authority)}) {
            fuzz(
                    1500,
                    new Opener(PKI.ec, trust, Pki.CLOCK),
                    random -> Envelopes.encrypt(
                            Seeds.mutate(signed, random), NISTObjectIdentifiers.id_aes256_GCM, PKI.ec.certificate()));
        }
    }

    private interface Mutation {
        byte[] apply(Random random) throws IOException;
    }

    private void fuzz(int count, Opener opener, Mutation mutation) {
        Assertions.assertTimeoutPreemptively(
                Duration.ofMinutes(3 + 2 * Long.getLong("kiln.fuzz.minutes", 0)),
                () -> Seeds.fuzz(count).forEach(seed -> {
                    try {
                        byte[] mutant = mutation.apply(Seeds.random(seed));
                        assertThat(Envelopes.open(opener, folder, mutant))
                                .as("seed %d", seed)
                                .isEqualTo(CONTENT);
                    } catch (EnvelopeException expected) {
                        assertThat(expected.getMessage()).isNotEmpty();
                    } catch (IOException | RuntimeException | Error e) {
                        throw new AssertionError("seed " + seed, e);
                    }
                }));
    }
}
