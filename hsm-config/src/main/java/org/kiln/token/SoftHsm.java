package org.kiln.token;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.TokenInfo;
import org.kiln.secret.Secret;

/** Sets up SoftHSM 2: its configuration, its folder, its tokens. */
public final class SoftHsm {

    private static final String CONFIGURATION = "softhsm2.conf";

    private SoftHsm() {}

    /** Writes {@code softhsm2.conf} and the token folder into {@code folder}; both readable by the owner only. */
    public static void configure(Path folder) {
        try {
            Path tokens = folder.toAbsolutePath().resolve("tokens");
            Files.createDirectories(
                    tokens, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.writeString(folder.resolve(CONFIGURATION), """
                    directories.tokendir = %s
                    objectstore.backend = file
                    log.level = ERROR
                    slots.removable = false
                    """.formatted(tokens));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes this process use the configuration in {@code folder}; to be called before the module is loaded. */
    public static void select(Path folder) {
        Path configuration = folder.toAbsolutePath().resolve(CONFIGURATION);
        if (!Files.isReadable(configuration)) {
            throw new TokenException("SoftHSM's configuration " + configuration
                    + " is missing or unreadable; run 'kiln init' for a new data folder");
        }
        ProcessEnvironment.set("SOFTHSM2_CONF", configuration.toString());
    }

    /** Initialises a new token and its user's PIN; returns its slot. */
    public static TokenInfo createToken(Cryptoki cryptoki, String label, Secret soPin, Secret userPin) {
        long free = cryptoki.tokens().stream()
                .filter(token -> !token.initialised())
                .findFirst()
                .orElseThrow(() -> new TokenException("SoftHSM offers no free slot for a new token"))
                .slot();
        cryptoki.initToken(free, soPin, label);
        TokenInfo token = Tokens.labelled(cryptoki, label);
        try (Session session = cryptoki.openSession(token.slot(), true)) {
            session.login(Ck.CKU_SO, soPin);
            session.initPin(userPin);
            session.logout();
        }
        return token;
    }
}
