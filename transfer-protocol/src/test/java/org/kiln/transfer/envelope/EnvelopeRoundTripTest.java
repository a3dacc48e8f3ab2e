package org.kiln.transfer.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.transfer.Seeds;

class EnvelopeRoundTripTest {

    private static final Pki PKI = Pki.shared();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("seeds")
    void everyRecipientOpensWhatWasSealed(long seed) throws IOException {
        Random random = Seeds.random(seed);
        byte[] content = new byte[random.nextInt(3) == 0 ? random.nextInt(64) : random.nextInt(200_000)];
        random.nextBytes(content);
        byte[] envelope = Envelopes.seal(content, PKI.rsa.certificate(), PKI.ec.certificate());

        for (Identity recipient : List.of(PKI.rsa, PKI.ec)) {
            assertThat(Envelopes.open(Envelopes.opener(recipient), folder, envelope))
                    .as("seed %d, %s", seed, recipient)
                    .isEqualTo(content);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 32_767, 32_768, 32_769, 65_536, 1_000_000})
    void lengthsAroundTheBuffers(int length) throws IOException {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);

        assertThat(Envelopes.open(Envelopes.opener(PKI.ec), folder, Envelopes.seal(content, PKI.ec.certificate())))
                .isEqualTo(content);
    }

    @Test
    void verifyNamesSignerAndFile() throws Exception {
        Path file = Files.write(folder.resolve("envelope"), Envelopes.seal(new byte[100], PKI.ec.certificate()));
        VerifiedEnvelope verified = Envelopes.opener(PKI.ec).verify(file);

        assertThat(verified.signer()).isEqualTo(PKI.signer.certificate());
        assertThat(verified.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
    }

    @Test
    void anAuthorityStandsForItsSigners() throws IOException {
        Opener opener = new Opener(PKI.ec, SignerTrust.issuedBy(PKI.authority), Pki.CLOCK);

        assertThat(Envelopes.open(opener, folder, Envelopes.seal(new byte[] {1, 2, 3}, PKI.ec.certificate())))
                .containsExactly(1, 2, 3);
    }

    @Test
    void consumersMayStopEarlyAndCloseTheStream() throws IOException {
        Path file = Files.write(folder.resolve("envelope"), Envelopes.seal(new byte[500_000], PKI.rsa.certificate()));
        Opener opener = Envelopes.opener(PKI.rsa);

        assertThat(opener.<Integer>open(file, opener.verify(file), content -> {
                    int first = content.read();
                    content.close();
                    return first;
                }))
                .isZero();
    }

    @Test
    void faultsOfTheConsumerPassThrough() throws IOException {
        Path file = Files.write(folder.resolve("envelope"), Envelopes.seal(new byte[50], PKI.rsa.certificate()));
        Opener opener = Envelopes.opener(PKI.rsa);
        VerifiedEnvelope verified = opener.verify(file);

        assertThatThrownBy(() -> opener.open(file, verified, content -> {
                    throw new IOException("not mine");
                }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("not mine");
    }

    @Test
    void contentThatFailsLeavesNoEnvelope() throws IOException {
        Sealer sealer = new Sealer(PKI.signer, List.of(PKI.ec.certificate()), Pki.CLOCK);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> sealer.seal(out, to -> {
                    to.write(new byte[100_000]);
                    throw new IOException("source gone");
                }))
                .hasMessage("source gone");
        Path file = Files.write(folder.resolve("envelope"), out.toByteArray());

        assertThatThrownBy(() -> Envelopes.opener(PKI.ec).verify(file)).isInstanceOf(EnvelopeException.Truncated.class);
    }

    @Test
    void twoEnvelopesOfOneContentDiffer() throws IOException {
        byte[] one = Envelopes.seal(new byte[64], PKI.ec.certificate());
        byte[] other = Envelopes.seal(new byte[64], PKI.ec.certificate());

        assertThat(one).isNotEqualTo(other);
    }

    @Test
    void identitiesShowNoKey() {
        assertThat(PKI.rsa).hasToString("Identity[" + Certificates.name(PKI.rsa.certificate()) + "]");
    }

    static LongStream seeds() {
        return Seeds.of(30);
    }
}
