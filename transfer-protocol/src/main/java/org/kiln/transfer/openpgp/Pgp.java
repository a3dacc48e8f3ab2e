package org.kiln.transfer.openpgp;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.operator.jcajce.JcaKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPContentVerifierBuilderProvider;

/** What all classes here share. */
final class Pgp {

    /** Never registered with {@link java.security.Security}. */
    static final Provider PROVIDER = new BouncyCastleProvider();

    private Pgp() {}

    static JcaKeyFingerprintCalculator fingerprints() {
        return new JcaKeyFingerprintCalculator().setProvider(PROVIDER);
    }

    static JcaPGPContentVerifierBuilderProvider verifiers() {
        return new JcaPGPContentVerifierBuilderProvider().setProvider(PROVIDER);
    }

    /** Parses a small structure from outside. */
    @FunctionalInterface
    interface Parsing<T> {
        T run() throws IOException, PGPException;
    }

    /** Whatever Bouncy Castle throws over such a structure means one thing. */
    static <T> T parse(String what, Parsing<T> parsing) throws OpenPgpException {
        try {
            return parsing.run();
        } catch (OpenPgpException e) {
            throw e;
        } catch (IOException | PGPException | RuntimeException e) {
            throw new OpenPgpException.NotOpenPgp("its " + what + " cannot be read");
        }
    }

    static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform has no " + name, e);
        }
    }
}
