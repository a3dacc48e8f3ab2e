package org.kiln.transfer.batch;

import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Hides one staged file from whoever reads the disk, then or later: AES-256 in counter mode, under a key that nobody else
 * has and that is gone with this object. It need not authenticate: the manifest has the file's SHA-256.
 */
public final class StagingCipher {

    private static final int KEY = 32;
    private static final int BLOCK = 16;

    private final SecretKeySpec key;

    public StagingCipher() {
        byte[] octets = new byte[KEY];
        new SecureRandom().nextBytes(octets);
        key = new SecretKeySpec(octets, "AES");
        Arrays.fill(octets, (byte) 0);
    }

    /** What is written to this stream reaches {@code file} hidden. For one stream. */
    public OutputStream hiding(OutputStream file) {
        return new CipherOutputStream(file, cipher(Cipher.ENCRYPT_MODE));
    }

    /** What was hidden. */
    InputStream showing(InputStream file) {
        return new CipherInputStream(file, cipher(Cipher.DECRYPT_MODE));
    }

    private Cipher cipher(int mode) {
        try {
            Cipher counter = Cipher.getInstance("AES/CTR/NoPadding");
            counter.init(mode, key, new IvParameterSpec(new byte[BLOCK]));
            return counter;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
