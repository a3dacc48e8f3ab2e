package org.kiln.transfer.openpgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** GnuPG with a key ring of its own: a partner. */
public final class Gpg implements AutoCloseable {

    public static final String PARTNER = "partner@example.org";

    private final Path home;

    public Gpg() throws IOException {
        assumeTrue(installed(), "gpg is not installed (Debian and Ubuntu: apt-get install gnupg)");
        home = Files.createTempDirectory(
                "gpg", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static boolean installed() throws IOException {
        try {
            return new ProcessBuilder("gpg", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Makes the partner's key pairs. */
    public PgpCertificate partner(String primary, String subkey) throws IOException {
        run("--passphrase", "", "--quick-gen-key", PARTNER, primary, "sign", "never");
        String fingerprint = run("--with-colons", "--list-keys", PARTNER)
                .lines()
                .filter(line -> line.startsWith("fpr:"))
                .findFirst()
                .orElseThrow()
                .split(":")[9];
        run("--passphrase", "", "--quick-add-key", fingerprint, subkey, "encr", "never");
        PgpCertificate certificate = PgpCertificate.read(
                new ByteArrayInputStream(run("--armor", "--export", PARTNER).getBytes(StandardCharsets.US_ASCII)));
        assertThat(certificate.fingerprint()).isEqualTo(fingerprint);
        return certificate;
    }

    PgpCertificate addSigningSubkey(PgpCertificate of, String algorithm) throws IOException {
        run("--passphrase", "", "--quick-add-key", of.fingerprint(), algorithm, "sign", "never");
        return PgpCertificate.read(
                new ByteArrayInputStream(run("--armor", "--export", PARTNER).getBytes(StandardCharsets.US_ASCII)));
    }

    public void trust(PgpCertificate certificate) throws IOException {
        Path file = Files.writeString(home.resolve("certificate.asc"), certificate.armoured());
        run("--import", file.toString());
    }

    /** Standard output and the lines of status. */
    public String run(String... arguments) throws IOException {
        Path out = home.resolve("out");
        List<String> command = new ArrayList<>(
                List.of("gpg", "--homedir", home.toString(), "--batch", "--yes", "--quiet", "--trust-model", "always"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        String output = Files.readString(out);
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    @Override
    public void close() throws IOException {
        try {
            new ProcessBuilder("gpgconf", "--homedir", home.toString(), "--kill", "all")
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
