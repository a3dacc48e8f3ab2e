package org.kiln.pkcs11;

import java.lang.foreign.MemorySegment;
import org.kiln.secret.Secret;

/**
 * One PKCS#11 session: one operation at a time, by one thread at a time.
 *
 * <p>All buffers are native segments, so that nothing is copied to the heap. Methods that fill {@code out} return the
 * number of octets written and throw {@code CKR_BUFFER_TOO_SMALL} if it does not fit. Login belongs to the process and
 * token, not to the session: logging in twice is taken as success, and closing the last session logs everybody out.
 */
public interface Session extends AutoCloseable {

    /** The session's state ({@code C_GetSessionInfo}), such as {@link Ck#CKS_RW_USER_FUNCTIONS}. */
    long state();

    /** Logs the process in as {@link Ck#CKU_USER} or {@link Ck#CKU_SO}. */
    void login(long userType, Secret pin);

    void logout();

    /** Sets the user's PIN; the session is the security officer's ({@code C_InitPIN}). */
    void initPin(Secret pin);

    long createObject(Template template);

    long copyObject(long object, Template changes);

    void destroyObject(long object);

    /** Handles of all objects that match, in the token's order. */
    long[] findObjects(Template template);

    /**
     * Reads one attribute into {@code out}.
     *
     * @return the length; {@link Ck#UNAVAILABLE} where the object has no such attribute or the token will not reveal it
     */
    long getAttribute(long object, Cka type, MemorySegment out);

    void setAttributes(long object, Template template);

    long generateKey(Mechanism mechanism, Template template);

    KeyPairHandles generateKeyPair(Mechanism mechanism, Template publicTemplate, Template privateTemplate);

    int wrapKey(Mechanism mechanism, long wrappingKey, long key, MemorySegment out);

    long unwrapKey(
            Mechanism mechanism, long unwrappingKey, MemorySegment wrapped, int wrappedLength, Template template);

    /**
     * Derives a key from {@code baseKey} and the mechanism's parameter ({@code C_DeriveKey}). A wrong public point is
     * refused with the token's own code, often {@code CKR_ARGUMENTS_BAD}, {@code CKR_MECHANISM_PARAM_INVALID} or
     * {@code CKR_GENERAL_ERROR}.
     */
    long deriveKey(Mechanism mechanism, long baseKey, Template template);

    /** {@code C_EncryptInit} and {@code C_Encrypt}. */
    int encrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out);

    /** {@code C_DecryptInit} and {@code C_Decrypt}. */
    int decrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out);

    /** {@code C_SignInit} and {@code C_Sign}: signatures and MACs. */
    int sign(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out);

    /** Fills {@code out} from the token's random number generator. */
    void generateRandom(MemorySegment out);

    @Override
    void close();
}
