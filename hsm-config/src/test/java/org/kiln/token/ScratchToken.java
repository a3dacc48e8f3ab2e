package org.kiln.token;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.FfmCryptoki;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;

/**
 * A new SoftHSM token for a test. All of one JVM share a configuration, since a module reads it once; each token has
 * a label of its own.
 */
public final class ScratchToken {

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Path FOLDER = folder();

    private final FfmCryptoki cryptoki;
    private final String label;
    private final long slot;

    private ScratchToken(FfmCryptoki cryptoki, String label, long slot) {
        this.cryptoki = cryptoki;
        this.label = label;
        this.slot = slot;
    }

    public static synchronized ScratchToken create() {
        FfmCryptoki cryptoki = FfmCryptoki.load(profile().findModule());
        String label = "scratch-" + COUNT.incrementAndGet();
        try (Secret so = soPin();
                Secret user = userPin()) {
            return new ScratchToken(
                    cryptoki,
                    label,
                    SoftHsm.createToken(cryptoki, label, so, user).slot());
        }
    }

    public static TokenProfile profile() {
        return TokenProfile.named("softhsm2");
    }

    /** The folder that holds {@code softhsm2.conf} of this JVM's tokens. */
    public static Path configurationFolder() {
        return FOLDER;
    }

    public static Secret soPin() {
        return Secret.takeFrom("so-12345678".toCharArray());
    }

    public static Secret userPin() {
        return Secret.takeFrom("user-12345678".toCharArray());
    }

    public FfmCryptoki cryptoki() {
        return cryptoki;
    }

    public TokenModule module() {
        return new TokenModule(profile().findModule(), Map.of());
    }

    public String label() {
        return label;
    }

    public long slot() {
        return slot;
    }

    /** Where SoftHSM keeps this token's objects. */
    Path objects() throws IOException {
        String serial = Tokens.labelled(cryptoki, label).serialNumber();
        try (Stream<Path> folders = Files.list(FOLDER.resolve("tokens"))) {
            return folders.filter(folder -> folder.getFileName().toString().endsWith(serial.substring(4)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    public Session openAs(long userType) {
        Session session = cryptoki.openSession(slot, true);
        try (Secret pin = userType == Ck.CKU_SO ? soPin() : userPin()) {
            session.login(userType, pin);
        }
        return session;
    }

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("kiln-softhsm");
            SoftHsm.configure(folder);
            SoftHsm.select(folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
