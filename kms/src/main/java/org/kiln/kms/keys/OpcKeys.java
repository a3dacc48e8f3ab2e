package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenProfile;

/**
 * OPc and TOPc under the OPc key of a version: a block, or two, of AES. Each is as good as random and no two subscribers have
 * the same, so that a block by itself tells nothing; the record's MAC says whose it is.
 *
 * <p>The token makes the key and never shows it. It is kept wrapped under {@code SKH-n}, and is in use as an object of each
 * session: one call with it costs a small part of what an unwrapping under a token object does ({@code docs/hsm.md}).
 */
final class OpcKeys {

    private static final Mechanism AES_KEY_GEN = Mechanism.of(Ckm.AES_KEY_GEN);

    private final OpcKeyStore store;
    private final Wrapping wrapping;
    private final Mechanism ecb;
    private final KeyPolicy policy;
    private final Map<Integer, WrappedKey> kept = new ConcurrentHashMap<>();

    /** A session is used by one thread at a time, and so are the objects that it made. */
    private final Map<Session, Map<String, Long>> bySession = Collections.synchronizedMap(new WeakHashMap<>());

    /** Wraps OPc keys under the host storage keys, and brings them into use. */
    interface Wrapping {

        WrappedKey shelve(Session session, int version, long key);

        long unwrap(Session session, WrappedKey wrapped);
    }

    OpcKeys(OpcKeyStore store, TokenProfile profile, Wrapping wrapping) {
        this.store = store;
        this.wrapping = wrapping;
        ecb = profile.aesEcb();
        policy = new KeyPolicy(profile.privateSessionObjects());
    }

    /** @param value 16 octets of OPc or 32 of TOPc */
    WrappedKey encrypt(Session session, int version, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(value.byteSize(), 8);
            String label = KeyLabels.opcKey(version);
            int length = with(session, label, key -> session.encrypt(ecb, key, value, (int) value.byteSize(), out));
            requireLength(length, value.byteSize());
            return new WrappedKey(label, out.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** @param out at least as long as the blob; what is in it is the caller's to wipe */
    void decrypt(Session session, WrappedKey wrapped, MemorySegment out) {
        byte[] blob = wrapped.blob();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, blob);
            int length = with(session, wrapped.keyLabel(), key -> session.decrypt(ecb, key, in, blob.length, out));
            requireLength(length, blob.length);
        }
    }

    private static void requireLength(int length, long expected) {
        if (length != expected) {
            throw new KeyException("a stored OPc has " + length + " octets instead of " + expected);
        }
    }

    private interface Call {
        int with(long key);
    }

    /** The object may be gone with a life of its token that ended meanwhile. */
    private int with(Session session, String label, Call call) {
        try {
            return call.with(inUse(session, label));
        } catch (Pkcs11Exception e) {
            if (e.ckr() != Ckr.KEY_HANDLE_INVALID && e.ckr() != Ckr.OBJECT_HANDLE_INVALID) {
                throw e;
            }
            objects(session).remove(label);
            return call.with(inUse(session, label));
        }
    }

    private long inUse(Session session, String label) {
        Map<String, Long> objects = objects(session);
        Long known = objects.get(label);
        if (known != null) {
            return known;
        }
        long object = wrapping.unwrap(session, of(session, KeyLabels.opcKeyVersion(label)));
        objects.put(label, object);
        return object;
    }

    private Map<String, Long> objects(Session session) {
        return bySession.computeIfAbsent(session, _ -> new HashMap<>());
    }

    private WrappedKey of(Session session, int version) {
        WrappedKey known = kept.get(version);
        if (known == null) {
            known = store.find(version).orElseGet(() -> store.keep(version, make(session, version)));
            kept.put(version, known);
        }
        return known;
    }

    /** Has the key of a version ready, that the first who needs it need not wait for the database. */
    void prepare(Session session, int version) {
        inUse(session, KeyLabels.opcKey(version));
    }

    private WrappedKey make(Session session, int version) {
        long key = session.generateKey(AES_KEY_GEN, policy.newOpcKey());
        try {
            return wrapping.shelve(session, version, key);
        } finally {
            session.destroyObject(key);
        }
    }
}
