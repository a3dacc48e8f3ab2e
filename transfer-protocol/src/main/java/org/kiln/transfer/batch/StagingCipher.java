package org.kiln.transfer.batch;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.io.CipherInputStream;
import org.bouncycastle.crypto.io.CipherOutputStream;
import org.bouncycastle.crypto.modes.CTRModeCipher;
import org.bouncycastle.crypto.modes.SICBlockCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * Hides one staged file from whoever reads the disk, then or later: AES-256 in counter mode (NIST SP 800-38A), under a key that
 * nobody else has and that is wiped with this object. It need not authenticate: the manifest has the file's SHA-256.
 *
 * <p>The key is off the heap. A stream's cipher is given it as an array, which is overwritten at once; the cipher's key schedule
 * nobody can overwrite, and it is on the heap until the garbage collector takes the stream.
 */
public final class StagingCipher implements AutoCloseable {

    /** Octets of the key. */
    public static final int KEY_OCTETS = 32;

    private static final int BLOCK = 16;

    private final Secret key;

    /**
     * Takes a key over, which it closes.
     *
     * @param key {@value #KEY_OCTETS} octets of a token's random generator, used for nothing else
     * @throws IllegalArgumentException if it has another length; it is closed then too
     */
    public StagingCipher(Secret key) {
        if (key.size() != KEY_OCTETS) {
            key.close();
            throw new IllegalArgumentException("a staged file is hidden under " + KEY_OCTETS + " octets");
        }
        this.key = key;
    }

    /** What is written to this stream reaches {@code file} hidden. For one stream. */
    public OutputStream hiding(OutputStream file) {
        return new CipherOutputStream(file, cipher(true));
    }

    /** What was hidden. */
    InputStream showing(InputStream file) {
        return new CipherInputStream(file, cipher(false));
    }

    private CTRModeCipher cipher(boolean hides) {
        byte[] octets = key.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE);
        KeyParameter parameter = new KeyParameter(octets);
        try {
            CTRModeCipher counter = SICBlockCipher.newInstance(AESEngine.newInstance());
            counter.init(hides, new ParametersWithIV(parameter, new byte[BLOCK]));
            return counter;
        } finally {
            Arrays.fill(octets, (byte) 0);
            Arrays.fill(parameter.getKey(), (byte) 0);
        }
    }

    /** Wipes the key: nothing can be hidden or shown any more. */
    @Override
    public void close() {
        key.close();
    }
}
