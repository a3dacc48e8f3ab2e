package org.kiln.transfer.openpgp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The content of integrity-protected data (RFC 4880 clause 5.13), whose modification detection code, its last 22 octets, is
 * checked when the content ends. Nothing of it may be believed before.
 */
final class Protected extends InputStream {

    private static final int BLOCK = 16;
    private static final int PREFIX = BLOCK + 2;
    private static final int CODE = 22;
    private static final int CODE_HEADER = 2;
    private static final byte[] CODE_PACKET = {(byte) 0xD3, 0x14};

    private final InputStream plain;
    private final MessageDigest digest = Pgp.digest("SHA-1");
    private final byte[] window = new byte[CODE + (1 << 13)];
    private int start;
    private int end;
    private boolean ended;

    /** @param key AES-256; wiped */
    Protected(InputStream encrypted, byte[] key) throws IOException {
        plain = new CipherInputStream(encrypted, cipher(key));
        Arrays.fill(key, (byte) 0);
        byte[] prefix = plain.readNBytes(PREFIX);
        if (prefix.length < PREFIX) {
            throw new OpenPgpException.Truncated();
        }
        digest.update(prefix);
    }

    private static Cipher cipher(byte[] key) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding", Pgp.PROVIDER);
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[BLOCK]));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads what is left, and so checks the code. */
    void drain() throws IOException {
        transferTo(OutputStream.nullOutputStream());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (end - start <= CODE && !ended) {
            fill();
        }
        int ready = end - start - CODE;
        if (ready <= 0) {
            return -1;
        }
        int count = Math.min(length, ready);
        System.arraycopy(window, start, buffer, offset, count);
        digest.update(window, start, count);
        start += count;
        if (ended && end - start == CODE) {
            checkCode();
        }
        return count;
    }

    private void fill() throws IOException {
        System.arraycopy(window, start, window, 0, end - start);
        end -= start;
        start = 0;
        int count = plain.read(window, end, window.length - end);
        if (count < 0) {
            ended = true;
            if (end - start <= CODE) {
                checkCode();
            }
        } else {
            end += count;
        }
    }

    private void checkCode() throws OpenPgpException {
        if (end - start != CODE) {
            throw new OpenPgpException.TamperedOrWrongKey();
        }
        digest.update(window, start, CODE_HEADER);
        boolean good = Arrays.equals(window, start, start + CODE_HEADER, CODE_PACKET, 0, CODE_HEADER)
                && MessageDigest.isEqual(digest.digest(), Arrays.copyOfRange(window, start + CODE_HEADER, end));
        if (!good) {
            throw new OpenPgpException.TamperedOrWrongKey();
        }
    }
}
