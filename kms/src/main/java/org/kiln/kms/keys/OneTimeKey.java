package org.kiln.kms.keys;

import org.kiln.pkcs11.Session;

/** An AES-256 key that wraps the keys of one device by AES-KWP (RFC 5649); closing it destroys it. */
public final class OneTimeKey implements AutoCloseable {

    private final Session session;
    private final StorageKeys wrapping;
    private final long handle;
    private final Method method;
    private final byte[] sent;

    OneTimeKey(Session session, StorageKeys wrapping, long handle, Method method, byte[] sent) {
        this.session = session;
        this.wrapping = wrapping;
        this.handle = handle;
        this.method = method;
        this.sent = sent;
    }

    /** How the device comes by the key. */
    public enum Method {
        /** Ephemeral-static ECDH on P-256, {@link X963Kdf}; what is sent is the ephemeral point. */
        ECDH_P256_SHA256_KWP,
        /** The same on X25519. */
        ECDH_X25519_SHA256_KWP,
        /** RSA-OAEP with SHA-1 and MGF1-SHA-1 under the device's key; what is sent is the wrapped key. */
        RSA_OAEP_SHA1_KWP,
        /** RSA-OAEP with SHA-256 and MGF1-SHA-256. */
        RSA_OAEP_SHA256_KWP
    }

    public Method method() {
        return method;
    }

    /** What the device needs beside its private key: the ephemeral public point, or the key wrapped for it. */
    public byte[] sent() {
        return sent.clone();
    }

    /** Wraps a key of this session that is not bound to TRUSTED keys. */
    public byte[] wrap(long key) {
        return wrapping.wrapUnder(session, handle, key);
    }

    @Override
    public void close() {
        session.destroyObject(handle);
    }
}
