package org.kiln.kms.suci;

import java.nio.file.Path;
import java.time.Instant;
import org.kiln.kms.keys.HomeNetworkKeys;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.provisioning.ScratchNode;

/** A node on a scratch token with home-network keys: 1 of profile A, 2 of profile B, 3 of profile B. */
public final class ScratchHomeNetwork implements AutoCloseable {

    private final ScratchNode node;
    private final KeyRing ring = new KeyRing();
    private final RecordMac mac;
    private final HomeNetworkKeys keys;
    private final SuciKeyRegister register;
    private final ServingKeys serving;

    public ScratchHomeNetwork(Path folder) {
        node = new ScratchNode(folder);
        mac = node.tokens().call(session -> RecordMac.derive(session, ring));
        keys = new HomeNetworkKeys(ring, node.tokens().profile());
        register = new SuciKeyRegister(node.database(), mac);
        make(1, ProtectionScheme.PROFILE_A);
        make(2, ProtectionScheme.PROFILE_B);
        make(3, ProtectionScheme.PROFILE_B);
        serving = new ServingKeys(register);
    }

    private void make(int identifier, ProtectionScheme scheme) {
        byte[] point = node.tokens().call(session -> keys.create(session, identifier, scheme.curve()));
        register.add(SuciKey.made(identifier, scheme, point, Instant.parse("2026-11-24T00:00:00Z")));
    }

    public SuciKey key(int identifier) {
        return register.list().stream()
                .filter(key -> key.identifier() == identifier)
                .findFirst()
                .orElseThrow();
    }

    public ScratchNode node() {
        return node;
    }

    HomeNetworkKeys keys() {
        return keys;
    }

    SuciKeyRegister register() {
        return register;
    }

    ServingKeys serving() {
        return serving;
    }

    public Sidf sidf() {
        return new Sidf(node.tokens(), ring, serving);
    }

    @Override
    public void close() {
        serving.close();
        mac.close();
        node.close();
    }
}
