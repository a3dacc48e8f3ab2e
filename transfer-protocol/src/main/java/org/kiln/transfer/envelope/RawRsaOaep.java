package org.kiln.transfer.envelope;

import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import org.bouncycastle.crypto.AsymmetricBlockCipher;
import org.bouncycastle.crypto.CipherParameters;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.encodings.OAEPEncoding;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;

/**
 * RSA-OAEP decryption for tokens whose provider offers the bare RSA operation only: the private key works in the token,
 * Bouncy Castle takes the padding off in constant time.
 */
final class RawRsaOaep implements AsymmetricBlockCipher {

    private final Cipher cipher;
    private final int modulusOctets;

    private RawRsaOaep(Cipher cipher, int modulusOctets) {
        this.cipher = cipher;
        this.modulusOctets = modulusOctets;
    }

    static byte[] decrypt(byte[] encrypted, Identity recipient) throws GeneralSecurityException {
        Cipher raw = Cipher.getInstance("RSA/ECB/NoPadding", recipient.providerOrDefault());
        raw.init(Cipher.DECRYPT_MODE, recipient.key());
        RSAPublicKey publicKey = (RSAPublicKey) recipient.certificate().getPublicKey();
        OAEPEncoding oaep = new OAEPEncoding(
                new RawRsaOaep(raw, (publicKey.getModulus().bitLength() + 7) / 8),
                new SHA256Digest(),
                new SHA256Digest(),
                null);
        oaep.init(false, new AsymmetricKeyParameter(true));
        try {
            return oaep.processBlock(encrypted, 0, encrypted.length);
        } catch (InvalidCipherTextException e) {
            throw new BadPaddingException();
        }
    }

    @Override
    public void init(boolean forEncryption, CipherParameters parameters) {
        if (forEncryption) {
            throw new IllegalArgumentException("decrypts only");
        }
    }

    @Override
    public int getInputBlockSize() {
        return modulusOctets;
    }

    @Override
    public int getOutputBlockSize() {
        return modulusOctets - 1;
    }

    /** The block without its leading zero; a block that has none is returned whole, for OAEPEncoding to refuse. */
    @Override
    public byte[] processBlock(byte[] in, int offset, int length) throws InvalidCipherTextException {
        try {
            byte[] block = cipher.doFinal(in, offset, length);
            return block.length == modulusOctets && block[0] == 0 ? Arrays.copyOfRange(block, 1, block.length) : block;
        } catch (GeneralSecurityException e) {
            throw new InvalidCipherTextException("RSA operation refused", e);
        }
    }
}
