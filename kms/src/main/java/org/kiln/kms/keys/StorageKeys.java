package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;

/**
 * Keys at rest: wraps them under the current storage keys and brings them back into use. Methods run on the session
 * given, which belongs to the calling thread.
 */
public final class StorageKeys {

    private static final int CURRENT_VERSION = 1;
    private static final int LONGEST_BLOB = 64;
    private static final int OPC_OCTETS = 16;
    private static final int WRAP_OVERHEAD = 8;

    private final KeyRing ring;
    private final Mechanism wrap;
    private final Mechanism unwrap;
    private final Template inUse;
    private final Template readableByHost;

    public StorageKeys(KeyRing ring, TokenProfile profile) {
        this.ring = ring;
        wrap = profile.aesKeyWrapPadded();
        unwrap = profile.aesKeyUnwrapPadded();
        KeyPolicy policy = new KeyPolicy(profile.privateSessionObjects());
        inUse = policy.subscriberKeyInUse();
        readableByHost = policy.readableByHost();
    }

    /** Wraps a key that must stay hidden under the current {@code SK}. */
    public WrappedKey hide(Session session, long key) {
        return wrapUnder(session, KeyLabels.storage(CURRENT_VERSION), key);
    }

    /** Wraps what the host may read under the current {@code SKH}: an OPc, or a Ki of the guarded host. */
    public WrappedKey shelve(Session session, long value) {
        return wrapUnder(session, KeyLabels.hostStorage(CURRENT_VERSION), value);
    }

    private WrappedKey wrapUnder(Session session, String label, long key) {
        return new WrappedKey(label, wrapUnder(session, ring.secretKey(session, label), key));
    }

    /** Wraps {@code key} under the key with handle {@code kek}, by AES-KWP. */
    public byte[] wrapUnder(Session session, long kek, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONGEST_BLOB);
            int length = session.wrapKey(wrap, kek, key, out);
            return out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Unwraps a Ki into a session object that encrypts and does nothing else; the caller destroys it. */
    public long bringIntoUse(Session session, WrappedKey ki) {
        return unwrap(session, ki, inUse);
    }

    /** Reads a shelved OPc of 16 octets, or TOPc of 32, into {@code out}, which the caller wipes. */
    public void readOpc(Session session, WrappedKey opc, MemorySegment out) {
        long length = read(session, opc, out);
        if (length != opc.blob().length - WRAP_OVERHEAD) {
            throw new KeyException(
                    "a stored OPc has " + length + " octets instead of " + (opc.blob().length - WRAP_OVERHEAD));
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

    /** Reads an operator's OP constant of 16 octets into {@code out}, which the caller wipes. */
    public void readOperatorConstant(Session session, String operator, MemorySegment out) {
        long object = ring.secretKey(session, KeyLabels.op(operator));
        if (session.getAttribute(object, Cka.VALUE, out) != OPC_OCTETS) {
            throw new KeyException("the token's OP constant of operator '" + operator + "' is no 16 octets");
        }
    }

    private long unwrap(Session session, WrappedKey wrapped, Template template) {
        long kek = ring.secretKey(session, wrapped.keyLabel());
        try (Arena arena = Arena.ofConfined()) {
            byte[] blob = wrapped.blob();
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, blob);
            return session.unwrapKey(unwrap, kek, in, blob.length, template);
        }
    }
}
