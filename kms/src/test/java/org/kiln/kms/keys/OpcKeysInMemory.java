package org.kiln.kms.keys;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps OPc keys for as long as the test runs. */
public final class OpcKeysInMemory implements OpcKeyStore {

    private final Map<Integer, WrappedKey> kept = new ConcurrentHashMap<>();

    @Override
    public Optional<WrappedKey> find(int version) {
        return Optional.ofNullable(kept.get(version));
    }

    @Override
    public WrappedKey keep(int version, WrappedKey made) {
        WrappedKey before = kept.putIfAbsent(version, made);
        return before == null ? made : before;
    }
}
