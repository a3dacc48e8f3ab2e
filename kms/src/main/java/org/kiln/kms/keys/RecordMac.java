package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * Message authentication codes of stored records: HMAC-SHA-256 cut to 16 octets, under a key that the token derives at
 * start-up by CMAC with the record master.
 *
 * <p>The key lies off the heap. One computation copies it, masked, into a scratch block and wipes that.
 */
public final class RecordMac implements AutoCloseable {

    /** Length of a code in octets. */
    public static final int OCTETS = 16;

    private static final int KEY_OCTETS = 32;
    private static final int BLOCK = 64;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5c;

    private final Secret key;

    private RecordMac(Secret key) {
        this.key = key;
    }

    /** Derives the key in the token: two CMAC blocks over a counter and a fixed label (NIST SP 800-108, counter mode). */
    public static RecordMac derive(Session session, KeyRing ring) {
        long master = ring.secretKey(session, KeyLabels.RECORD_MASTER);
        Mechanism cmac = Mechanism.of(Ckm.AES_CMAC);
        Secret key = Secret.ofSize(KEY_OCTETS);
        MemorySegment out = key.expose(SecretAccess.granted());
        try (Arena arena = Arena.ofConfined()) {
            byte[] label = "kiln record integrity\0".getBytes(StandardCharsets.US_ASCII);
            MemorySegment in = arena.allocate(1L + label.length + 2);
            MemorySegment.copy(label, 0, in, ValueLayout.JAVA_BYTE, 1, label.length);
            in.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 1L + label.length, (short)
                    (8 * KEY_OCTETS));
            for (int block = 0; block < KEY_OCTETS / 16; block++) {
                in.set(ValueLayout.JAVA_BYTE, 0, (byte) (block + 1));
                session.sign(cmac, master, in, (int) in.byteSize(), out.asSlice(16L * block, 16));
            }
            return new RecordMac(key);
        } catch (RuntimeException e) {
            key.close();
            throw e;
        }
    }

    /** The code of {@code record}. */
    public byte[] compute(byte[] record) {
        byte[] block = new byte[BLOCK];
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            mask(block, INNER);
            sha256.update(block);
            byte[] inner = sha256.digest(record);
            mask(block, OUTER);
            sha256.update(block);
            return Arrays.copyOf(sha256.digest(inner), OCTETS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } finally {
            Arrays.fill(block, (byte) 0);
        }
    }

    /** Whether {@code code} is the code of {@code record}, compared in constant time. */
    public boolean verify(byte[] record, byte[] code) {
        return MessageDigest.isEqual(compute(record), code);
    }

    private void mask(byte[] block, byte pad) {
        Arrays.fill(block, pad);
        MemorySegment octets = key.expose(SecretAccess.granted());
        for (int i = 0; i < KEY_OCTETS; i++) {
            block[i] ^= octets.get(ValueLayout.JAVA_BYTE, i);
        }
    }

    @Override
    public void close() {
        key.close();
    }
}
