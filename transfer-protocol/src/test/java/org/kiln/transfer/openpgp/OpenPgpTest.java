package org.kiln.transfer.openpgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.transfer.Seeds;

class OpenPgpTest {

    private static final byte[] CONTENT =
            "every subscriber's key\n".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SHORT = "key".repeat(7).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 21, 22, 23, 8191, 32768, 32790, 1_000_000})
    void whatIsSealedIsOpened(int octets) throws IOException {
        byte[] content = new byte[octets];
        Seeds.random(octets).nextBytes(content);

        assertThat(open(Messages.seal(Messages.OPERATOR, content, Messages.VENDOR.certificate())))
                .isEqualTo(content);
    }

    @ParameterizedTest
    @CsvSource({"rsa2048,rsa2048", "ed25519,cv25519", "nistp256,nistp256"})
    void gpgOpensWhatKilnSealedAndVerifiesTheSignature(String primary, String subkey) throws IOException {
        try (Gpg gpg = new Gpg()) {
            PgpCertificate partner = gpg.partner(primary, subkey);
            gpg.trust(Messages.OPERATOR.certificate());
            Path file = write(Messages.seal(Messages.OPERATOR, CONTENT, partner));
            Path opened = folder.resolve("opened");

            String status = gpg.run("--status-fd", "1", "--output", opened.toString(), "--decrypt", file.toString());

            assertThat(status)
                    .contains("DECRYPTION_OKAY", "GOODSIG", "Kiln Telecom <keys@example.org>")
                    .contains("VALIDSIG " + Messages.OPERATOR.certificate().fingerprint());
            assertThat(opened).hasBinaryContent(CONTENT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "zip", "zlib"})
    void kilnOpensWhatGpgEncryptedAndSigned(String compression) throws IOException {
        try (Gpg gpg = new Gpg()) {
            PgpCertificate partner = gpg.partner("ed25519", "cv25519");
            gpg.trust(Messages.VENDOR.certificate());
            Path content = Files.write(folder.resolve("content"), CONTENT);
            Path file = folder.resolve("file.gpg");
            gpg.run(
                    "--compress-algo",
                    compression,
                    "--recipient",
                    Messages.VENDOR.certificate().fingerprint(),
                    "--output",
                    file.toString(),
                    "--sign",
                    "--encrypt",
                    content.toString());
            PgpOpener opener = new PgpOpener(Messages.VENDOR, Set.of(partner), Messages.CLOCK);

            VerifiedMessage verified = opener.verify(file);

            assertThat(verified.signer()).isSameAs(partner);
            assertThat(opener.<byte[]>open(file, verified, InputStream::readAllBytes))
                    .isEqualTo(CONTENT);
        }
    }

    @Test
    void aSubkeyThatSignsCountsForItsCertificate() throws IOException {
        try (Gpg gpg = new Gpg()) {
            PgpCertificate before = gpg.partner("ed25519", "cv25519");
            PgpCertificate partner = gpg.addSigningSubkey(before, "ed25519");
            gpg.trust(Messages.VENDOR.certificate());
            Path content = Files.write(folder.resolve("content"), SHORT);
            Path file = folder.resolve("file.gpg");
            gpg.run(
                    "--recipient",
                    Messages.VENDOR.certificate().fingerprint(),
                    "--output",
                    file.toString(),
                    "--sign",
                    "--encrypt",
                    content.toString());

            assertThat(new PgpOpener(Messages.VENDOR, Set.of(partner), Messages.CLOCK)
                            .verify(file)
                            .signer())
                    .isSameAs(partner);
            assertThatThrownBy(() -> new PgpOpener(Messages.VENDOR, Set.of(before), Messages.CLOCK).verify(file))
                    .isInstanceOf(OpenPgpException.UntrustedSigner.class);
        }
    }

    @Test
    void gpgsUnsignedAndArmouredFilesAreRefused() throws IOException {
        try (Gpg gpg = new Gpg()) {
            PgpCertificate partner = gpg.partner("ed25519", "cv25519");
            gpg.trust(Messages.VENDOR.certificate());
            Path content = Files.write(folder.resolve("content"), SHORT);
            String to = Messages.VENDOR.certificate().fingerprint();
            Path unsigned = folder.resolve("unsigned");
            gpg.run("--recipient", to, "--output", unsigned.toString(), "--encrypt", content.toString());
            Path armoured = folder.resolve("armoured");
            gpg.run("--armor", "-r", to, "--output", armoured.toString(), "--sign", "--encrypt", content.toString());
            PgpOpener opener = new PgpOpener(Messages.VENDOR, Set.of(partner), Messages.CLOCK);

            assertThatThrownBy(() -> opener.verify(unsigned))
                    .isInstanceOf(OpenPgpException.NotOpenPgp.class)
                    .hasMessageContaining("not signed");
            assertThatThrownBy(() -> opener.verify(armoured))
                    .isInstanceOf(OpenPgpException.NotOpenPgp.class)
                    .hasMessageContaining("no packet");
        }
    }

    @Test
    void tamperedTruncatedAndStrangersHaveMessagesOfTheirOwn() throws IOException {
        byte[] good = Messages.seal(Messages.OPERATOR, CONTENT, Messages.VENDOR.certificate());
        byte[] tampered = good.clone();
        tampered[tampered.length / 2] ^= 1;
        byte[] forOther = Messages.seal(Messages.OPERATOR, SHORT, Messages.OPERATOR.certificate());
        byte[] byStranger = Messages.seal(Messages.identity("stranger"), SHORT, Messages.VENDOR.certificate());

        assertThatThrownBy(() -> open(tampered)).isInstanceOf(OpenPgpException.TamperedOrWrongKey.class);
        assertThatThrownBy(() -> open(Arrays.copyOf(good, good.length - 30)))
                .isInstanceOf(OpenPgpException.Truncated.class);
        assertThatThrownBy(() -> open(new byte[0])).isInstanceOf(OpenPgpException.Truncated.class);
        assertThatThrownBy(() -> open(forOther)).isInstanceOf(OpenPgpException.NotForThisRecipient.class);
        assertThatThrownBy(() -> open(byStranger)).isInstanceOf(OpenPgpException.UntrustedSigner.class);
        assertThatThrownBy(() -> open(Arrays.copyOf(good, good.length + 3)))
                .isInstanceOf(OpenPgpException.NotOpenPgp.class);
    }

    @Test
    void aFileChangedAfterItsVerificationIsNoticed() throws IOException {
        Path file = write(Messages.seal(Messages.OPERATOR, CONTENT, Messages.VENDOR.certificate()));
        PgpOpener opener = opener();
        VerifiedMessage verified = opener.verify(file);
        write(Messages.seal(Messages.OPERATOR, SHORT, Messages.VENDOR.certificate()));

        assertThatThrownBy(() -> opener.open(file, verified, InputStream::readAllBytes))
                .isInstanceOf(OpenPgpException.ChangedSinceVerified.class);
    }

    @Test
    void onlyOneOfSeveralRecipientsIsNeeded() throws IOException {
        assertThat(open(Messages.seal(
                        Messages.OPERATOR, SHORT, Messages.OPERATOR.certificate(), Messages.VENDOR.certificate())))
                .isEqualTo(SHORT);
    }

    @Test
    void certificatesAreReadBackAndExpiredOnesNotUsed() throws IOException {
        PgpCertificate certificate = Messages.VENDOR.certificate();
        byte[] armoured = certificate.armoured().getBytes(StandardCharsets.US_ASCII);

        assertThat(PgpCertificate.read(new ByteArrayInputStream(armoured)).fingerprint())
                .isEqualTo(certificate.fingerprint())
                .matches("[0-9A-F]{40}");
        InstantSource beforeItWasMade = InstantSource.fixed(Instant.parse("2025-01-01T00:00:00Z"));
        assertThatThrownBy(() -> new PgpSealer(Messages.OPERATOR, List.of(certificate), beforeItWasMade))
                .isInstanceOf(OpenPgpException.UnfitCertificate.class)
                .hasMessageContaining("no usable encryption key");
        assertThatThrownBy(() -> PgpCertificate.read(new ByteArrayInputStream(SHORT)))
                .isInstanceOf(OpenPgpException.NotOpenPgp.class);
    }

    private PgpOpener opener() {
        return new PgpOpener(Messages.VENDOR, Set.of(Messages.OPERATOR.certificate()), Messages.CLOCK);
    }

    private Path write(byte[] message) throws IOException {
        return Files.write(folder.resolve("message.pgp"), message);
    }

    private byte[] open(byte[] message) throws IOException {
        Path file = write(message);
        PgpOpener opener = opener();
        return opener.<byte[]>open(file, opener.verify(file), InputStream::readAllBytes);
    }
}
