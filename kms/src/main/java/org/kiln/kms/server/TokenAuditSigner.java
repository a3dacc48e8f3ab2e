package org.kiln.kms.server;

import java.security.KeyStoreException;
import org.kiln.kms.audit.AuditException;
import org.kiln.kms.audit.AuditSigner;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.token.JcaToken;
import org.kiln.token.TokenException;

/** The keys of a token, also those that another process has made in it since it was opened. */
public final class TokenAuditSigner implements AuditSigner {

    private final JcaToken token;

    public TokenAuditSigner(JcaToken token) {
        this.token = token;
    }

    @Override
    public Pair key(long number) {
        String label = KeyLabels.audit(number);
        try {
            JcaToken now = token.keyStore().containsAlias(label) ? token : token.readAnew();
            return new Pair(now.certificate(label).getPublicKey(), now.privateKey(label), now.provider());
        } catch (KeyStoreException | TokenException e) {
            throw new AuditException(
                    "the audit log is signed by key '" + label + "', and this token does not give it: " + e.getMessage()
                            + ". If it is another node's, that one seals the log; if it is lost, run 'kiln audit key change"
                            + " --old-is-lost'",
                    e);
        }
    }
}
