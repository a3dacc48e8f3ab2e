package org.kiln.token;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;

/**
 * A new SoftHSM token for a test. All of one JVM share a configuration, since a module reads it once; each token has
 * a label of its own.
 */
public final class ScratchToken {

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Path FOLDER = folder();

    private final TokenModule module;
    private final Cryptoki cryptoki;
    private final String label;
    private final long slot;

    private ScratchToken(TokenModule module, String label, long slot) {
        this.module = module;
        cryptoki = module.cryptoki();
        this.label = label;
        this.slot = slot;
    }

    public static ScratchToken create() {
        return create(Binding.FFM);
    }

    public static synchronized ScratchToken create(Binding binding) {
        TokenModule module = new TokenModule(binding, profile().findModule(), Map.of());
        String label = "scratch-" + COUNT.incrementAndGet();
        try (Secret so = soPin();
                Secret user = userPin()) {
            return new ScratchToken(
                    module,
                    label,
                    SoftHsm.createToken(module.cryptoki(), label, so, user).slot());
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

    public Cryptoki cryptoki() {
        return cryptoki;
    }

    public TokenModule module() {
        return module;
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
