package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * A backup key in a ceremony: two keys, off the heap, that the token derives from the shared value by CMAC (NIST SP
 * 800-108, counter mode). One wraps keys for the backup, the other authenticates the backup file.
 */
public final class BackupKey implements AutoCloseable {

    private final Secret wrapping;
    private final Secret authentication;
    private final String kcv;

    private BackupKey(Secret wrapping, Secret authentication, String kcv) {
        this.wrapping = wrapping;
        this.authentication = authentication;
        this.kcv = kcv;
    }

    /**
     * Makes a new key of the token's random octets and splits it.
     *
     * @param threshold how many of the shares give it back
     * @return the shares, which the caller gives to their custodians and closes
     */
    public static List<KeyShare> split(Ceremony ceremony, int shares, int threshold) {
        try (Secret value = Secret.ofSize(KeyShare.OCTETS)) {
            List<SecretSharing.Point> points = ceremony.asUser(session -> {
                session.generateRandom(value.expose(SecretAccess.granted()));
                return SecretSharing.split(value, shares, threshold, session::generateRandom);
            });
            try {
                return named(
                        ceremony, points, threshold, ceremony.checkValues(value).cmac());
            } catch (RuntimeException e) {
                points.forEach(point -> point.y().close());
                throw e;
            }
        }
    }

    private static List<KeyShare> named(
            Ceremony ceremony, List<SecretSharing.Point> points, int threshold, String keyKcv) {
        return points.stream()
                .map(point -> new KeyShare(
                        "share " + point.x(),
                        point.x(),
                        threshold,
                        keyKcv,
                        point.y(),
                        ceremony.checkValues(point.y()).cmac()))
                .toList();
    }

    /**
     * Puts a key together again.
     *
     * @throws KeyException naming the share that is damaged, of another key or given twice; or if there are too few
     */
    public static BackupKey combine(Ceremony ceremony, List<KeyShare> shares) {
        requireOneSet(shares);
        for (KeyShare share : shares) {
            String actual = ceremony.checkValues(share.value()).cmac();
            if (!actual.equals(share.kcv())) {
                throw new KeyException(share.name() + " states the check value " + share.kcv() + " but has " + actual
                        + ": it is damaged; ask its custodian for his copy, or another custodian for his share");
            }
        }
        KeyShare first = shares.getFirst();
        try (Secret value = SecretSharing.combine(shares.stream()
                .limit(first.threshold())
                .map(share -> new SecretSharing.Point(share.x(), share.value()))
                .toList())) {
            String actual = ceremony.checkValues(value).cmac();
            if (!actual.equals(first.keyKcv())) {
                throw new KeyException("these shares make a key with the check value " + actual + ", not "
                        + first.keyKcv() + ": the first line of one of them was changed");
            }
            return derive(ceremony, value, actual);
        }
    }

    private static void requireOneSet(List<KeyShare> shares) {
        if (shares.isEmpty()) {
            throw new KeyException("no shares of the backup key are given");
        }
        KeyShare first = shares.getFirst();
        Map<Integer, String> names = new HashMap<>();
        for (KeyShare share : shares) {
            if (!share.keyKcv().equals(first.keyKcv()) || share.threshold() != first.threshold()) {
                throw new KeyException(share.name() + " is a share of another backup key than " + first.name());
            }
            String other = names.put(share.x(), share.name());
            if (other != null) {
                throw new KeyException(share.name() + " and " + other + " are the same share, number " + share.x());
            }
        }
        if (shares.size() < first.threshold()) {
            throw new KeyException(
                    "the backup key takes " + first.threshold() + " shares; " + shares.size() + " are given");
        }
    }

    private static BackupKey derive(Ceremony ceremony, Secret value, String kcv) {
        return ceremony.asUser(session -> {
            KeyPolicy policy = new KeyPolicy(ceremony.profile().privateSessionObjects());
            long master = session.createObject(policy.checkValueKey(value.expose(SecretAccess.granted())));
            Secret wrapping = Secret.ofSize(KeyShare.OCTETS);
            Secret authentication = Secret.ofSize(KeyShare.OCTETS);
            try {
                derive(session, master, "kiln backup wrapping", wrapping);
                derive(session, master, "kiln backup authentication", authentication);
                return new BackupKey(wrapping, authentication, kcv);
            } catch (RuntimeException e) {
                wrapping.close();
                authentication.close();
                throw e;
            } finally {
                session.destroyObject(master);
            }
        });
    }

    private static void derive(Session session, long master, String purpose, Secret derived) {
        MemorySegment out = derived.expose(SecretAccess.granted());
        byte[] label = (purpose + "\0").getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(1L + label.length + 2);
            MemorySegment.copy(label, 0, in, ValueLayout.JAVA_BYTE, 1, label.length);
            in.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 1L + label.length, (short)
                    (8 * KeyShare.OCTETS));
            for (int block = 0; block < KeyShare.OCTETS / 16; block++) {
                in.set(ValueLayout.JAVA_BYTE, 0, (byte) (block + 1));
                session.sign(Mechanism.of(Ckm.AES_CMAC), master, in, (int) in.byteSize(), out.asSlice(16L * block, 16));
            }
        }
    }

    /** The value that wraps; exposed to a template only. */
    MemorySegment wrapping() {
        return wrapping.expose(SecretAccess.granted());
    }

    /** CMAC of {@code text} under the authenticating key, 16 octets. */
    byte[] authenticate(Ceremony ceremony, byte[] text) {
        return ceremony.asUser(session -> {
            KeyPolicy policy = new KeyPolicy(ceremony.profile().privateSessionObjects());
            long key = session.createObject(policy.checkValueKey(authentication.expose(SecretAccess.granted())));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, text);
                MemorySegment out = arena.allocate(16);
                session.sign(Mechanism.of(Ckm.AES_CMAC), key, in, text.length, out);
                return out.toArray(ValueLayout.JAVA_BYTE);
            } finally {
                session.destroyObject(key);
            }
        });
    }

    /** Check value of the shared key. */
    public String kcv() {
        return kcv;
    }

    @Override
    public void close() {
        wrapping.close();
        authentication.close();
    }

    @Override
    public String toString() {
        return "BackupKey[" + kcv + "]";
    }
}
