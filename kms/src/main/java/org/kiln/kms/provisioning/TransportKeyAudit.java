package org.kiln.kms.provisioning;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.kiln.kms.keys.KeyAudit.Finding;
import org.kiln.kms.keys.KeyAudit.Rule;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.KeyRing;
import org.kiln.pkcs11.Session;

/** Holds the register of transport keys against the token: periods that a token may not tell, and keys that are gone. */
public final class TransportKeyAudit {

    private final LocalDate today;

    /** @param today against which crypto-periods are judged */
    public TransportKeyAudit(LocalDate today) {
        this.today = today;
    }

    /** What is wrong with the keys that are not destroyed. */
    public List<Finding> run(Session session, List<TransportKey> keys) {
        KeyRing ring = new KeyRing();
        List<Finding> findings = new ArrayList<>();
        for (TransportKey key : keys) {
            if (key.state() == TransportKeyState.DESTROYED) {
                continue;
            }
            if (key.period().lastDay().filter(last -> last.isBefore(today)).isPresent()) {
                findings.add(new Finding(Rule.PAST_CRYPTO_PERIOD, key.label()));
            }
            try {
                ring.secretKey(session, key.direction().object(key.label()));
            } catch (KeyException e) {
                findings.add(new Finding(Rule.KEY_MISSING, key.label()));
            }
        }
        return findings;
    }
}
