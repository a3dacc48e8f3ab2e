package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;

/**
 * Keys at rest: wraps them under the current storage keys and brings them back into use. Methods run on the session
 * given, which belongs to the calling thread.
 */
public final class StorageKeys {

    private static final int LONGEST_BLOB = 64;
    private static final int OPC_OCTETS = 16;
    private static final int WRAP_OVERHEAD = 8;

    private final KeyRing ring;
    private final UnwrappingKeys inToken;
    private final UnwrappingKeys unwrapping;
    private final IntSupplier current;
    private final Mechanism wrap;
    private final Mechanism unwrap;
    private final Template inUse;
    private final Template readableByHost;
    private final Template hiddenOnTheMove;
    private final Template opcOnTheMove;
    private final Template hostKiOnTrial;
    private final KeyPolicy policy;
    private final OpcKeys opcKeys;

    /**
     * Keys that are unwrapped under token objects.
     *
     * @param current the version to wrap under, asked for at each wrapping
     * @param opcKeyStore keeps the keys of OPc
     */
    public StorageKeys(KeyRing ring, TokenProfile profile, IntSupplier current, OpcKeyStore opcKeyStore) {
        this(ring, profile, current, opcKeyStore, KekPlace.TOKEN);
    }

    /**
     * @param current the version to wrap under, asked for at each wrapping
     * @param opcKeyStore keeps the keys of OPc
     * @param kek where the keys are that hidden keys are unwrapped under
     */
    public StorageKeys(KeyRing ring, TokenProfile profile, IntSupplier current, OpcKeyStore opcKeyStore, KekPlace kek) {
        this.ring = ring;
        inToken = UnwrappingKeys.in(KekPlace.TOKEN, ring);
        unwrapping = UnwrappingKeys.in(kek, ring);
        this.current = current;
        wrap = profile.aesKeyWrapPadded();
        unwrap = profile.aesKeyUnwrapPadded();
        policy = new KeyPolicy(profile.privateSessionObjects());
        inUse = policy.subscriberKeyInUse();
        readableByHost = policy.readableByHost();
        hiddenOnTheMove = policy.arrivingSubscriberKey();
        opcOnTheMove = policy.arrivingOpc();
        hostKiOnTrial = policy.arrivingOnTrial();
        opcKeys = new OpcKeys(opcKeyStore, profile, new OpcKeysUnderSkh());
    }

    /** Wraps a key that must stay hidden under the current {@code SK}. */
    public WrappedKey hide(Session session, long key) {
        return wrapUnder(session, KeyLabels.storage(current.getAsInt()), key);
    }

    /** How an OPc key is kept, and comes into use. */
    private final class OpcKeysUnderSkh implements OpcKeys.Wrapping {

        private final Template opcKeyInUse = policy.opcKeyInUse();

        @Override
        public WrappedKey shelve(Session session, int version, long key) {
            return wrapUnder(session, KeyLabels.hostStorage(version), key);
        }

        @Override
        public long unwrap(Session session, WrappedKey wrapped) {
            return StorageKeys.this.unwrap(session, wrapped, opcKeyInUse);
        }
    }

    /**
     * Has the keys of the current version ready for use in the session.
     *
     * @throws KeyException if the token lacks one
     */
    public void prepare(Session session) {
        unwrapping.of(session, KeyLabels.storage(current.getAsInt()));
        opcKeys.prepare(session, current.getAsInt());
    }

    /**
     * Encrypts OPc or TOPc under the current {@code SKO}.
     *
     * @param value 16 or 32 octets, which the caller wipes
     */
    public WrappedKey shelveOpc(Session session, MemorySegment value) {
        return opcKeys.encrypt(session, current.getAsInt(), value);
    }

    /** Wraps what the host may read under the current {@code SKH}: a Ki of the guarded host, a code for a clear file. */
    public WrappedKey shelve(Session session, long value) {
        return wrapUnder(session, KeyLabels.hostStorage(current.getAsInt()), value);
    }

    private WrappedKey wrapUnder(Session session, String label, long key) {
        return new WrappedKey(label, withKek(session, label, kek -> wrapUnder(session, kek, key)));
    }

    /**
     * Moves a wrapped key from under one version to under another, inside the token; a key under other versions stays
     * as it is. What hides it stays with it on the way: it is never readable, and leaves under TRUSTED keys only. OPc passes
     * through memory of the host, which is wiped.
     */
    public WrappedKey move(Session session, WrappedKey wrapped, int from, int to) {
        String label = wrapped.keyLabel();
        if (label.equals(KeyLabels.opcKey(from))) {
            return withOpc(session, wrapped, opc -> opcKeys.encrypt(session, to, opc));
        }
        if (label.equals(KeyLabels.storage(from))) {
            return move(session, wrapped, KeyLabels.storage(to), hiddenOnTheMove);
        }
        return label.equals(KeyLabels.hostStorage(from))
                ? move(session, wrapped, KeyLabels.hostStorage(to), opcOnTheMove)
                : wrapped;
    }

    private WrappedKey move(Session session, WrappedKey wrapped, String to, Template onTheMove) {
        long key = unwrap(session, wrapped, onTheMove);
        try {
            return wrapUnder(session, to, key);
        } finally {
            session.destroyObject(key);
        }
    }

    /**
     * Wraps a stored key by AES-KWP under an outgoing transport key, inside the token: a Ki that is hidden leaves only if that
     * key is TRUSTED.
     *
     * @param transportKey its label, which the caller has looked up in the register
     */
    public byte[] handOver(Session session, WrappedKey wrapped, String transportKey) {
        long key = onTheMove(session, wrapped);
        try {
            return withKek(session, transportKey, kek -> wrapUnder(session, kek, key));
        } finally {
            session.destroyObject(key);
        }
    }

    /**
     * Has a stored key seen as an object of the session, which can leave under transport keys and is destroyed afterwards. A
     * hidden one leaves under TRUSTED keys only.
     */
    public void show(Session session, WrappedKey wrapped, LongConsumer sight) {
        long key = onTheMove(session, wrapped);
        try {
            sight.accept(key);
        } finally {
            session.destroyObject(key);
        }
    }

    private long onTheMove(Session session, WrappedKey wrapped) {
        if (KeyLabels.isOpcKey(wrapped.keyLabel())) {
            return withOpc(session, wrapped, opc -> session.createObject(policy.newOpc(opc)));
        }
        return unwrap(session, wrapped, KeyLabels.isHostStorage(wrapped.keyLabel()) ? opcOnTheMove : hiddenOnTheMove);
    }

    /** The zero-block check value of a stored Ki, computed in the token: 6 upper-case hexadecimal digits. */
    public String checkValueOf(Session session, WrappedKey ki) {
        long key = unwrap(session, ki, KeyLabels.isHostStorage(ki.keyLabel()) ? hostKiOnTrial : inUse);
        try {
            return CheckValues.ofArrived(session, key);
        } finally {
            session.destroyObject(key);
        }
    }

    /** Whether the token holds a key of a version. */
    public boolean holdsVersion(Session session, int version) {
        return session.findObjects(KeyPolicy.secretTokenKey(KeyLabels.storage(version))).length
                        + session.findObjects(KeyPolicy.secretTokenKey(KeyLabels.hostStorage(version))).length
                > 0;
    }

    /** Destroys every object of a version; nothing that is still wrapped under it can be used again. */
    public void destroyVersion(Session session, int version) {
        String hiding = KeyLabels.storage(version);
        for (String label : List.of(hiding, KeyLabels.hostStorage(version), KeyLabels.unlocked(hiding))) {
            unwrapping.forget(session, label);
            for (long object : session.findObjects(KeyPolicy.secretTokenKey(label))) {
                session.destroyObject(object);
            }
        }
    }

    /** Wraps {@code key} under the key with handle {@code kek}, by AES-KWP. */
    public byte[] wrapUnder(Session session, long kek, long key) {
        return wrapUnder(session, wrap, kek, key);
    }

    /** Unwraps a Ki into a session object that encrypts and does nothing else; the caller destroys it. */
    public long bringIntoUse(Session session, WrappedKey ki) {
        return unwrap(session, ki, inUse);
    }

    /** Reads an OPc of 16 octets or TOPc of 32 into {@code out}, which the caller wipes. */
    public void readOpc(Session session, WrappedKey opc, MemorySegment out) {
        if (KeyLabels.isOpcKey(opc.keyLabel())) {
            opcKeys.decrypt(session, opc, out);
        } else {
            readShelved(session, opc, out);
        }
    }

    /** Reads what was shelved, such as a code of 8 octets, into {@code out}, which the caller wipes. */
    public void readShelved(Session session, WrappedKey shelved, MemorySegment out) {
        long length = read(session, shelved, out);
        if (length != shelved.blob().length - WRAP_OVERHEAD) {
            throw new KeyException("what is stored under '" + shelved.keyLabel() + "' has " + length
                    + " octets instead of " + (shelved.blob().length - WRAP_OVERHEAD));
        }
    }

    private <T> T withOpc(Session session, WrappedKey wrapped, Function<MemorySegment, T> work) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opc = arena.allocate(wrapped.blob().length, 8);
            try {
                readOpc(session, wrapped, opc);
                return work.apply(opc);
            } finally {
                opc.fill((byte) 0);
            }
        }
    }

    /**
     * Reads the Ki of a guarded-host subscriber into {@code out}, which the caller wipes.
     *
     * @return its octets: 16 or 32
     * @throws KeyException if it lies under a key that hides it
     */
    public int readHostKi(Session session, WrappedKey ki, MemorySegment out) {
        if (!KeyLabels.isHostStorage(ki.keyLabel())) {
            throw new KeyException("a Ki under '" + ki.keyLabel() + "' is not for the host to read");
        }
        return (int) read(session, ki, out);
    }

    private long read(Session session, WrappedKey wrapped, MemorySegment out) {
        long object = unwrap(session, wrapped, readableByHost);
        try {
            long length = session.getAttribute(object, Cka.VALUE, out);
            if (length < 0 || length > out.byteSize()) {
                throw new KeyException("a stored value under '" + wrapped.keyLabel() + "' cannot be read");
            }
            return length;
        } finally {
            session.destroyObject(object);
        }
    }

    /** The handle of the key that a stored key lies under, for a mechanism that unwraps by itself. */
    public long wrappingKeyOf(Session session, WrappedKey wrapped) {
        return ring.secretKey(session, wrapped.keyLabel());
    }

    /**
     * Reads an operator's constant into {@code out}, which the caller wipes: OP if it has 16 octets, TOP if it has 32.
     *
     * @throws KeyException if the token has none
     */
    public void readOperatorConstant(Session session, String operator, MemorySegment out) {
        boolean op = out.byteSize() == OPC_OCTETS;
        long object = ring.secretKey(session, op ? KeyLabels.op(operator) : KeyLabels.top(operator));
        if (session.getAttribute(object, Cka.VALUE, out) != out.byteSize()) {
            throw new KeyException("the token's " + (op ? "OP" : "TOP") + " constant of operator '" + operator
                    + "' is no " + out.byteSize() + " octets");
        }
    }

    /** Reads a Ki that was made readable into {@code out}, which the caller wipes. */
    public void readNewKi(Session session, long ki, MemorySegment out) {
        if (session.getAttribute(ki, Cka.VALUE, out) != out.byteSize()) {
            throw new KeyException("a Ki made for the guarded host cannot be read");
        }
    }

    /** Wraps {@code key} under the key with handle {@code kek}. */
    public static byte[] wrapUnder(Session session, Mechanism mechanism, long kek, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONGEST_BLOB);
            int length = session.wrapKey(mechanism, kek, key, out);
            return out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private long unwrap(Session session, WrappedKey wrapped, Template template) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] blob = wrapped.blob();
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, blob);
            return with(
                    unwrapping,
                    session,
                    wrapped.keyLabel(),
                    kek -> session.unwrapKey(unwrap, kek, in, blob.length, template));
        }
    }

    private <T> T withKek(Session session, String label, LongFunction<T> work) {
        return with(inToken, session, label, work);
    }

    /** A handle may have gone stale since it was looked up: another process may have destroyed the key. */
    private static <T> T with(UnwrappingKeys keys, Session session, String label, LongFunction<T> work) {
        try {
            return work.apply(keys.of(session, label));
        } catch (Pkcs11Exception e) {
            if (e.ckr() != Ckr.WRAPPING_KEY_HANDLE_INVALID && e.ckr() != Ckr.UNWRAPPING_KEY_HANDLE_INVALID) {
                throw e;
            }
            keys.forget(session, label);
            return work.apply(keys.of(session, label));
        }
    }
}
