package org.kiln.kms.check;

import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Optional;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import org.kiln.pkcs11.ModuleLoadException;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenCertificates;
import org.kiln.token.TokenException;
import org.kiln.token.TokenModule;
import org.kiln.token.Tokens;

/** Modules and tokens, as far as they show themselves to somebody who does not log in. */
final class TokenLook {

    private final Findings findings;
    private final DataFolder folder;
    private final KilnConfiguration.Hsm hsm;

    TokenLook(Findings findings, DataFolder folder, KilnConfiguration.Hsm hsm) {
        this.findings = findings;
        this.folder = folder;
        this.hsm = hsm;
    }

    /**
     * Loads the module and looks for the token.
     *
     * @return the public key of the TLS server, if the token shows it
     */
    Optional<PublicKey> look() {
        TokenConnection connection;
        try {
            connection = TokenConnection.load(folder, hsm);
            findings.ok("hsm.profile", connection.profile().family());
        } catch (TokenException e) {
            findings.error("hsm.profile", e);
            return Optional.empty();
        }
        try {
            Tokens.labelled(connection.cryptoki(), hsm.token());
            findings.ok("hsm.module", connection.module() + ", with token '" + hsm.token() + "'");
        } catch (ModuleLoadException e) {
            findings.error("hsm.module", e);
            return Optional.empty();
        } catch (TokenException | Pkcs11Exception e) {
            findings.error("hsm.token", e);
            return Optional.empty();
        }
        return serverKey(connection);
    }

    private Optional<PublicKey> serverKey(TokenConnection connection) {
        try (Session session = connection
                .cryptoki()
                .openSession(Tokens.labelled(connection.cryptoki(), hsm.token()).slot(), false)) {
            return Optional.of(TokenCertificates.p256PublicKey(session, KeyLabels.TLS_SERVER));
        } catch (TokenException | Pkcs11Exception e) {
            return Optional.empty();
        }
    }

    /** Looks for one more token that the configuration names. */
    void member(String subject, KilnConfiguration.Member member) {
        try {
            TokenModule module = member.module().equals("same")
                    ? new TokenModule(
                            hsm.binding(), TokenConnection.load(folder, hsm).module(), hsm.environment())
                    : new TokenModule(hsm.binding(), Path.of(member.module()), member.environment());
            Tokens.labelled(module.cryptoki(), member.token());
            findings.ok(subject, module.file() + ", with token '" + member.token() + "'");
        } catch (ModuleLoadException | TokenException | Pkcs11Exception e) {
            findings.error(subject, e);
        }
    }
}
