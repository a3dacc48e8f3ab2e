package org.kiln.transfer.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kiln and OpenSSL 3 open each other's envelopes. */
class OpenSslInteropTest {

    private static final Pki PKI = Pki.shared();
    private static final byte[] CONTENT = content();

    @TempDir
    private Path folder;

    @BeforeEach
    void files() throws IOException, CertificateEncodingException, InterruptedException {
        assumeTrue(version().startsWith("OpenSSL 3."), "needs openssl 3.x on the PATH; skipped");
        Pki.pem(folder.resolve("ca.pem"), "CERTIFICATE", PKI.authority.getEncoded());
        write("signer", PKI.signer);
        write("rsa", PKI.rsa);
        write("ec", PKI.ec);
        Files.write(folder.resolve("content"), CONTENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec"})
    void opensslOpensWhatKilnSealed(String recipient) throws IOException, InterruptedException {
        Files.write(folder.resolve("sealed"), Envelopes.seal(CONTENT, PKI.rsa.certificate(), PKI.ec.certificate()));

        openssl("cms -decrypt -binary -inform DER -in sealed -recip %1$s.pem -inkey %1$s.key -out signed", recipient);
        openssl("cms -verify -binary -inform DER -in signed -CAfile ca.pem -purpose any -out opened");

        assertThat(folder.resolve("opened")).hasBinaryContent(CONTENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-recip rsa.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256",
                "-recip ec.pem -keyopt ecdh_kdf_md:sha256",
                "-stream -recip rsa.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256",
                "-stream -keyid -recip ec.pem -keyopt ecdh_kdf_md:sha256"
            })
    void kilnOpensWhatOpensslSealed(String recipient) throws IOException, InterruptedException {
        String streamed = recipient.startsWith("-stream") ? "-stream" : "";
        openssl(
                "cms -sign -binary -nodetach %s -md sha256 -signer signer.pem -inkey signer.key -outform DER -in content"
                        + " -out signed",
                streamed);
        openssl("cms -encrypt -binary -aes-256-gcm -outform DER -in signed -out sealed " + recipient);
        Opener opener = Envelopes.opener(recipient.contains("rsa") ? PKI.rsa : PKI.ec);

        assertThat(Envelopes.open(opener, folder.resolve("sealed"))).isEqualTo(CONTENT);
        Opener byAuthority = new Opener(
                recipient.contains("rsa") ? PKI.rsa : PKI.ec, SignerTrust.issuedBy(PKI.authority), Pki.CLOCK);
        assertThat(Envelopes.open(byAuthority, folder.resolve("sealed"))).isEqualTo(CONTENT);
    }

    @Test
    void opensslsUsualPaddingIsRefusedByName() throws IOException, InterruptedException {
        openssl("cms -encrypt -binary -aes-256-gcm -outform DER -in content -out sealed -recip rsa.pem");
        Opener opener = Envelopes.opener(PKI.rsa);

        assertThatThrownBy(() -> opener.verify(folder.resolve("sealed")))
                .isInstanceOf(EnvelopeException.UnsupportedAlgorithm.class)
                .hasMessageContaining("RSA-OAEP");
    }

    private void write(String name, Identity identity) throws IOException, CertificateEncodingException {
        Pki.pem(
                folder.resolve(name + ".pem"),
                "CERTIFICATE",
                identity.certificate().getEncoded());
        Pki.pem(folder.resolve(name + ".key"), "PRIVATE KEY", identity.key().getEncoded());
    }

    private void openssl(String arguments, Object... values) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.formatted(values).trim().split(" +")));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as("%s in time", command)
                .isTrue();
        assertThat(process.exitValue())
                .as("%s: %s", command, Files.readString(log))
                .isZero();
    }

    private static String version() throws InterruptedException {
        try {
            Process process = new ProcessBuilder("openssl", "version").start();
            String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return version;
        } catch (IOException e) {
            return "none";
        }
    }

    private static byte[] content() {
        byte[] content = new byte[3_000_000];
        new Random(5).nextBytes(content);
        return content;
    }
}
