package org.kiln.token;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
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

    private final Cryptoki cryptoki;
    private final String label;
    private final long slot;

    private ScratchToken(Cryptoki cryptoki, String label, long slot) {
        this.cryptoki = cryptoki;
        this.label = label;
        this.slot = slot;
    }

    public static ScratchToken create() {
        return create(Binding.FFM);
    }

    public static synchronized ScratchToken create(Binding binding) {
        Cryptoki cryptoki = binding.load(profile().findModule());
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

    public Cryptoki cryptoki() {
        return cryptoki;
    }

    public String label() {
        return label;
    }

    public long slot() {
        return slot;
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
