package org.kiln.kms.keys;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.kiln.kms.hsm.LaneSettings;
import org.kiln.kms.hsm.TokenAccess;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;

/** A scratch token with Kiln's foundation keys on it. */
public final class ScratchKeys implements AutoCloseable {

    private final ScratchToken token;
    private final Secret soPin = ScratchToken.soPin();
    private final Secret userPin = ScratchToken.userPin();

    private ScratchKeys(Binding binding) {
        token = ScratchToken.create(binding);
    }

    public static ScratchKeys create() {
        return create(Binding.FFM, Ceremony::foundation);
    }

    public static ScratchKeys create(Binding binding) {
        return create(binding, Ceremony::foundation);
    }

    /** A scratch token whose keys come about as {@code foundation} says. */
    public static ScratchKeys create(Consumer<Ceremony> foundation) {
        return create(Binding.FFM, foundation);
    }

    public static ScratchKeys create(Binding binding, Consumer<Ceremony> foundation) {
        ScratchKeys keys = new ScratchKeys(binding);
        foundation.accept(keys.ceremony());
        return keys;
    }

    public ScratchToken token() {
        return token;
    }

    public Ceremony ceremony() {
        return new Ceremony(token.cryptoki(), ScratchToken.profile(), token.slot(), soPin, userPin);
    }

    public TokenCluster open(int lanes) {
        TokenAccess access =
                new TokenAccess(token.module(), ScratchToken.profile(), token.label(), ScratchToken::userPin);
        return TokenCluster.open(List.of(access), new LaneSettings(lanes, 256, Duration.ofSeconds(30)), session -> {});
    }

    public StorageKeys storageKeys() {
        return new StorageKeys(new KeyRing(), ScratchToken.profile(), () -> 1, new OpcKeysInMemory());
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
