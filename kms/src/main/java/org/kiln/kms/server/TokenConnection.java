package org.kiln.kms.server;

import java.nio.file.Path;
import org.kiln.kms.hsm.Token;
import org.kiln.kms.keys.Ceremony;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.secret.Secret;
import org.kiln.token.JcaToken;
import org.kiln.token.Pins;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;
import org.kiln.token.Tokens;

/** The module and the PINs that a configuration names. */
public final class TokenConnection {

    private static final String USER_PIN = "KILN_USER_PIN";
    private static final String SO_PIN = "KILN_SO_PIN";

    private final DataFolder folder;
    private final KilnConfiguration.Hsm hsm;
    private final TokenProfile profile;
    private final Path module;
    private final Cryptoki cryptoki;

    private TokenConnection(
            DataFolder folder, KilnConfiguration.Hsm hsm, TokenProfile profile, Path module, Cryptoki cryptoki) {
        this.folder = folder;
        this.hsm = hsm;
        this.profile = profile;
        this.module = module;
        this.cryptoki = cryptoki;
    }

    /** Loads the module. */
    public static TokenConnection load(DataFolder folder, KilnConfiguration.Hsm hsm) {
        TokenProfile profile = TokenProfile.of(hsm.profile(), folder.root());
        Path module = hsm.module().equals("auto") ? profile.findModule() : Path.of(hsm.module());
        if (!hsm.softhsm().isEmpty()) {
            SoftHsm.select(folder.resolve(hsm.softhsm()));
        }
        return new TokenConnection(folder, hsm, profile, module, hsm.binding().load(module));
    }

    public Cryptoki cryptoki() {
        return cryptoki;
    }

    /** The module's file. */
    public Path module() {
        return module;
    }

    public TokenProfile profile() {
        return profile;
    }

    /** The user's PIN, from the environment or its file; the caller closes it. */
    public Secret userPin() {
        return Pins.read(USER_PIN, folder.resolve(hsm.userPinFile()));
    }

    /** The security officer's PIN, likewise. */
    public Secret soPin() {
        return Pins.read(SO_PIN, folder.resolve(hsm.soPinFile()));
    }

    /** Logs in and starts lanes. */
    public Token open(int lanes) {
        try (Secret pin = userPin()) {
            return Token.open(cryptoki, profile, hsm.token(), pin, lanes, hsm.queue());
        } catch (Pkcs11Exception e) {
            throw explained(e);
        }
    }

    /** Logs in and starts as many lanes as are configured. */
    public Token open() {
        return open(hsm.lanes());
    }

    /** A ceremony with both PINs given; the caller closes them. */
    public Ceremony ceremony(Secret soPin, Secret userPin) {
        return new Ceremony(
                cryptoki, profile, Tokens.labelled(cryptoki, hsm.token()).slot(), soPin, userPin);
    }

    /** The token through JCA. */
    public JcaToken jca() {
        try (Secret pin = userPin()) {
            return JcaToken.open(
                    "Kiln", module, Tokens.labelled(cryptoki, hsm.token()).slot(), pin);
        }
    }

    private RuntimeException explained(Pkcs11Exception e) {
        if (e.ckr().kind() != Ckr.Kind.PIN) {
            return e;
        }
        String advice = e.ckr() == Ckr.PIN_LOCKED
                ? "; the security officer must unlock it"
                : "; check " + USER_PIN + " or " + folder.resolve(hsm.userPinFile());
        return new TokenException(
                "token '" + hsm.token() + "' refuses the user's PIN (CKR_" + e.ckr() + ")" + advice, e);
    }
}
