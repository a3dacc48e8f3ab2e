package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** AES of the JDK, for the card's side in tests. */
public final class SoftwareAes implements BlockCipher {

    private final Cipher cipher;

    public SoftwareAes(byte[] key) {
        try {
            cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void encrypt(MemorySegment in, int length, MemorySegment out) {
        try {
            byte[] result = cipher.doFinal(in.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
            MemorySegment.copy(result, 0, out, ValueLayout.JAVA_BYTE, 0, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
