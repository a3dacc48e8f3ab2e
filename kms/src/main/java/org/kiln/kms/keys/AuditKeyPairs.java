package org.kiln.kms.keys;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenCertificates;

/** The key pairs in a token that sign the audit log after its first key, {@link KeyLabels#audit}. None leaves the token. */
public final class AuditKeyPairs {

    private AuditKeyPairs() {}

    /**
     * Makes the pair of a number, unless it is there whole from a change that was broken off.
     *
     * @param session the user's
     * @return its public half
     */
    public static PublicKey provide(Session session, long number) {
        String label = KeyLabels.audit(number);
        byte[] id = label.getBytes(StandardCharsets.UTF_8);
        long[] publicHalf = objects(session, Ck.CKO_PUBLIC_KEY, label);
        long[] privateHalf = objects(session, Ck.CKO_PRIVATE_KEY, label);
        if (publicHalf.length != 1 || privateHalf.length != 1) {
            for (long half : publicHalf) {
                session.destroyObject(half);
            }
            for (long half : privateHalf) {
                session.destroyObject(half);
            }
            session.generateKeyPair(
                    Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                    KeyPolicy.signingPublicKey(label, id),
                    KeyPolicy.signingPrivateKey(label, id));
        }
        return TokenCertificates.p256PublicKey(session, label);
    }

    /** Puts a certificate beside the pair, in place of an older one. */
    public static void certify(Session session, long number, X509Certificate certificate) {
        String label = KeyLabels.audit(number);
        TokenCertificates.store(session, label, label.getBytes(StandardCharsets.UTF_8), certificate);
    }

    /** Whether a half of the pair of a number is in the token. */
    public static boolean isThere(Session session, long number) {
        String label = KeyLabels.audit(number);
        return objects(session, Ck.CKO_PRIVATE_KEY, label).length + objects(session, Ck.CKO_PUBLIC_KEY, label).length
                > 0;
    }

    /**
     * Destroys the pair of a number; its certificate, which proves what it signed, stays in the token.
     *
     * @param number from 1; the first key signs other things too
     */
    public static void destroy(Session session, long number) {
        if (number < 1) {
            throw new IllegalArgumentException("key " + number + " of the audit log is not its alone");
        }
        String label = KeyLabels.audit(number);
        for (long objectClass : new long[] {Ck.CKO_PRIVATE_KEY, Ck.CKO_PUBLIC_KEY}) {
            for (long half : objects(session, objectClass, label)) {
                session.destroyObject(half);
            }
        }
    }

    private static long[] objects(Session session, long objectClass, String label) {
        return session.findObjects(Template.builder()
                .with(Cka.CLASS, objectClass)
                .with(Cka.TOKEN, true)
                .label(label)
                .build());
    }
}
