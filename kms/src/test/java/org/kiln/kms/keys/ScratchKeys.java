package org.kiln.kms.keys;

import java.util.function.Consumer;
import org.kiln.kms.hsm.Token;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;

/** A scratch token with Kiln's foundation keys on it. */
public final class ScratchKeys implements AutoCloseable {

    private final ScratchToken token = ScratchToken.create();
    private final Secret soPin = ScratchToken.soPin();
    private final Secret userPin = ScratchToken.userPin();

    private ScratchKeys() {}

    public static ScratchKeys create() {
        return create(Ceremony::foundation);
    }

    /** A scratch token whose keys come about as {@code foundation} says. */
    public static ScratchKeys create(Consumer<Ceremony> foundation) {
        ScratchKeys keys = new ScratchKeys();
        foundation.accept(keys.ceremony());
        return keys;
    }

    public ScratchToken token() {
        return token;
    }

    public Ceremony ceremony() {
        return new Ceremony(token.cryptoki(), ScratchToken.profile(), token.slot(), soPin, userPin);
    }

    public Token open(int lanes) {
        return Token.open(token.cryptoki(), ScratchToken.profile(), token.label(), userPin, lanes, 256);
    }

    public StorageKeys storageKeys() {
        return new StorageKeys(new KeyRing(), ScratchToken.profile(), () -> 1);
    }

    public Session openAs(long userType) {
        return token.openAs(userType);
    }

    @Override
    public void close() {
        soPin.close();
        userPin.close();
    }
}
