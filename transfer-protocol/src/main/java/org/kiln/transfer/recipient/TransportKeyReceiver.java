package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenException;
import org.kiln.transfer.keyblock.TransportKeyFile;

/** Takes AES transport keys that a sender wrapped by RSA-OAEP under the token's receiver key. */
public final class TransportKeyReceiver {

    private static final int SHOWN_DIGITS = 6;

    private final RecipientToken token;
    private final long receiver;
    private Mechanism mechanism;

    /** @throws TokenException if the token was not prepared */
    public TransportKeyReceiver(RecipientToken token) {
        this.token = token;
        mechanism = token.profile().oaep();
        receiver = new RecipientKeys(token).receiverPrivateKey();
    }

    /**
     * Unwraps a transport key into the token, where it can unwrap values and do nothing else. Its value never reaches
     * the host.
     *
     * @param label the label that both sides agreed, which manifests name
     * @param wrapped as the sender's token gave it: as many octets as the receiver key's modulus, 384
     * @return its check value over a zero block, 6 upper-case hexadecimal digits, to be compared with the sender's
     * @throws RecipientException.LabelTaken if the token holds a key of this label
     * @throws RecipientException.TransportKeyRefused if it does not unwrap
     */
    public String receive(String label, byte[] wrapped, KeyUse use) throws RecipientException {
        if (token.find(Ck.CKO_SECRET_KEY, label).isPresent()) {
            throw new RecipientException.LabelTaken(label);
        }
        CheckValues checkValues = checkValues(wrapped);
        unwrap(wrapped, RecipientTemplates.transportKey(label, checkValues, use));
        return checkValues.zeroBlock().substring(0, SHOWN_DIGITS);
    }

    /**
     * Takes the key in a file; as {@link #receive(String, byte[], KeyUse)}, and the file's check values are compared
     * before the token keeps anything.
     *
     * @param label under which the token is to hold it
     * @throws RecipientException.WrappingNotTaken if it is wrapped under an agreed key
     * @throws RecipientException.ForAnotherToken if it was wrapped under another public key
     * @throws RecipientException.TransportKeyDiffers if it does not have the check values stated
     */
    public String receive(TransportKeyFile file, String label, KeyUse use) throws RecipientException {
        mechanism = switch (file.wrapping()) {
            case RSA_OAEP_SHA1 -> Mechanism.oaepSha1();
            case RSA_OAEP_SHA256 -> Mechanism.oaepSha256();
            case ECDH_P256_SHA256_KWP, ECDH_X25519_SHA256_KWP ->
                throw new RecipientException.WrappingNotTaken(label, file.wrapping());
        };
        String ours = TransportKeyFile.fingerprint(new RecipientKeys(token).receiverPublicKey());
        if (!ours.equals(file.recipientKey())) {
            throw new RecipientException.ForAnotherToken(file.recipientKey(), ours);
        }
        CheckValues found = checkValues(file.wrappedOctets());
        if (!found.zeroBlock().startsWith(file.kcvZero()) || !found.cmac().equals(file.kcvCmac())) {
            throw new RecipientException.TransportKeyDiffers(label);
        }
        return receive(label, file.wrappedOctets(), use);
    }

    /** Of a second object of the key, since the first may not encrypt. */
    private CheckValues checkValues(byte[] wrapped) throws RecipientException {
        Session session = token.session();
        long key = unwrap(wrapped, token.templates().transportKeyOnTrial());
        try {
            return CheckValues.of(session, key);
        } finally {
            session.destroyObject(key);
        }
    }

    private long unwrap(byte[] wrapped, Template template) throws RecipientException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped);
            return token.session().unwrapKey(mechanism, receiver, in, wrapped.length, template);
        } catch (Pkcs11Exception e) {
            if (TokenRefusal.of(e)) {
                throw new RecipientException.TransportKeyRefused(e);
            }
            throw e;
        }
    }
}
