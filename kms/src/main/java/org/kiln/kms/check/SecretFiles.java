package org.kiln.kms.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.kiln.secret.SecretEnvironment;

/** Files whose readers have a secret, and files whose writers have rights. */
final class SecretFiles {

    private static final Set<PosixFilePermission> READ =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
    private static final Set<PosixFilePermission> WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final Findings findings;

    SecretFiles(Findings findings) {
        this.findings = findings;
    }

    /** A secret in the first line of a file, unless a variable of the environment has it. */
    void secret(String subject, String variable, Path file) {
        if (!variable.isEmpty() && SecretEnvironment.has(variable)) {
            findings.ok(subject, "the environment variable " + variable + " has it");
        } else if (!Files.isRegularFile(file)) {
            findings.error(
                    subject,
                    file + " is not there",
                    variable.isEmpty() ? "put it there" : "put it there, or set " + variable);
        } else if (!Files.isReadable(file)) {
            findings.error(subject, file + " is not readable for this user", "chown it to the user who runs Kiln");
        } else {
            present(subject, file);
        }
    }

    private void present(String subject, Path file) {
        try {
            if (Files.size(file) == 0) {
                findings.error(subject, file + " is empty", "put the secret into its first line");
            } else if (allowsAny(file, READ) && !isSheltered(file)) {
                findings.error(subject, file + " can be read by others", "chmod 600 " + file);
            } else {
                findings.ok(subject, file + ", for its owner only");
            }
        } catch (IOException | UnsupportedOperationException e) {
            findings.warn(subject, file + ": nobody can tell who may read it: " + e.getMessage(), "look yourself");
        }
    }

    /** Whoever writes the file may give himself rights. */
    void trusted(String subject, Path file) {
        try {
            if (allowsAny(file, WRITE)) {
                findings.error(
                        subject,
                        file + " can be written by others, who could make themselves operators",
                        "chmod go-w " + file);
            }
        } catch (IOException | UnsupportedOperationException e) {
            findings.warn(subject, file + ": nobody can tell who may write it: " + e.getMessage(), "look yourself");
        }
    }

    /** Whether others cannot get as far as the file: its folder lets nobody through. */
    private static boolean isSheltered(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        return folder != null
                && !allowsAny(folder, Set.of(PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE));
    }

    private static boolean allowsAny(Path file, Set<PosixFilePermission> which) throws IOException {
        return Files.getPosixFilePermissions(file).stream().anyMatch(which::contains);
    }
}
