package org.kiln.kms.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.kiln.kms.hsm.LaneSettings;
import org.kiln.kms.hsm.TokenAccess;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.DiversificationMasters;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.token.JcaToken;
import org.kiln.token.Pins;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenException;
import org.kiln.token.TokenModule;
import org.kiln.token.TokenProfile;
import org.kiln.token.Tokens;

/** The module and the PINs that a configuration names. */
public final class TokenConnection {

    private static final String USER_PIN = "KILN_USER_PIN";
    private static final String SO_PIN = "KILN_SO_PIN";

    private final DataFolder folder;
    private final KilnConfiguration.Hsm hsm;
    private final TokenProfile profile;
    private final TokenModule module;

    private TokenConnection(DataFolder folder, KilnConfiguration.Hsm hsm, TokenProfile profile, TokenModule module) {
        this.folder = folder;
        this.hsm = hsm;
        this.profile = profile;
        this.module = module;
    }

    /** Finds the profile and the module that a configuration names. */
    public static TokenConnection load(DataFolder folder, KilnConfiguration.Hsm hsm) {
        TokenProfile profile = TokenProfile.of(hsm.profile(), folder.root());
        Path file = hsm.module().equals("auto") ? profile.findModule() : Path.of(hsm.module());
        if (!hsm.softhsm().isEmpty()) {
            SoftHsm.select(folder.resolve(hsm.softhsm()));
        }
        return new TokenConnection(folder, hsm, profile, new TokenModule(hsm.binding(), file, hsm.environment()));
    }

    /** The module of the first token, loaded by the first who asks. */
    public Cryptoki cryptoki() {
        return module.cryptoki();
    }

    /** The module's file. */
    public Path module() {
        return module.file();
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

    /**
     * Enters all tokens of the configuration.
     *
     * @param admission tests each before it serves
     */
    public TokenCluster open(Consumer<Session> admission) {
        return open(accesses(), hsm.lanes(), admission);
    }

    /** Enters the first token alone, with one lane, for commands that look at it. */
    public TokenCluster openFirst() {
        return open(accesses().subList(0, 1), 1, session -> {});
    }

    /**
     * Enters a token that holds master keys and nothing else.
     *
     * @param masters where it is
     */
    public DiversificationMasters openMasters(KilnConfiguration.Member masters) {
        TokenAccess access = new TokenAccess(
                moduleOf(masters),
                profile,
                masters.token(),
                () -> Pins.fromFile(folder.resolve(masters.userPinFile())));
        return new DiversificationMasters(open(List.of(access), 1, session -> {}));
    }

    private TokenCluster open(List<TokenAccess> accesses, int lanes, Consumer<Session> admission) {
        LaneSettings settings = new LaneSettings(lanes, hsm.queue(), Duration.ofMillis(hsm.deadlineMillis()));
        try {
            return TokenCluster.open(accesses, settings, admission);
        } catch (Pkcs11Exception e) {
            throw explained(e);
        }
    }

    private List<TokenAccess> accesses() {
        List<TokenAccess> accesses = new ArrayList<>();
        accesses.add(new TokenAccess(module, profile, hsm.token(), this::userPin));
        for (KilnConfiguration.Member member : hsm.cluster()) {
            accesses.add(new TokenAccess(moduleOf(member), profile, member.token(), () -> userPin(member.token())));
        }
        return accesses;
    }

    /** A ceremony with both PINs given; the caller closes them. */
    public Ceremony ceremony(Secret soPin, Secret userPin) {
        return new Ceremony(
                cryptoki(), profile, Tokens.labelled(cryptoki(), hsm.token()).slot(), soPin, userPin);
    }

    /** A ceremony on another token of the cluster; the caller closes the PINs. */
    public Ceremony ceremony(String token, Secret soPin, Secret userPin) {
        Cryptoki cryptoki = moduleOf(member(token)).cryptoki();
        return new Ceremony(cryptoki, profile, Tokens.labelled(cryptoki, token).slot(), soPin, userPin);
    }

    /** The PIN of the user of another token of the cluster; the caller closes it. */
    public Secret userPin(String token) {
        return Pins.fromFile(folder.resolve(member(token).userPinFile()));
    }

    private KilnConfiguration.Member member(String token) {
        return hsm.cluster().stream()
                .filter(member -> member.token().equals(token))
                .findFirst()
                .orElseThrow(() -> new ConfigurationException(
                        "hsm.cluster in " + folder.configuration() + " has no token '" + token + "'"));
    }

    private TokenModule moduleOf(KilnConfiguration.Member member) {
        return member.module().equals("same")
                ? module
                : new TokenModule(hsm.binding(), Path.of(member.module()), member.environment());
    }

    /** The token through JCA. */
    public JcaToken jca() {
        long slot = Tokens.labelled(cryptoki(), hsm.token()).slot();
        try (Secret pin = userPin()) {
            return JcaToken.open("Kiln-" + Long.toUnsignedString(slot), module.file(), slot, pin);
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
