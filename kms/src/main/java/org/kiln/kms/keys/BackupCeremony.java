package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.kiln.kms.keys.KeyBackup.Entry;
import org.kiln.kms.keys.KeyBackup.Kind;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/**
 * Makes keys with a backup, and brings them back into another token.
 *
 * <p>A key that is to be backed up can be wrapped only while it is the officer's draft, so that a backup comes about
 * with the key and never later. The backup key itself is an object of the officer's session, and gone with it.
 */
public final class BackupCeremony {

    private static final String UNDER_BACKUP_KEY = "backup";
    private static final int LONGEST_BLOB = 64;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final Ceremony ceremony;
    private final Mechanism wrap;
    private final InstantSource clock;

    public BackupCeremony(Ceremony ceremony, InstantSource clock) {
        this.ceremony = ceremony;
        this.clock = clock;
        wrap = ceremony.profile().aesKeyWrapPadded();
    }

    /** Makes the keys that every Kiln token has, and the operator's constant, with a backup of all that can have one. */
    public KeyBackup foundation(String operator, BackupKey key) {
        List<Entry> entries = new ArrayList<>(newStorageKeys(1, key));
        entries.add(make(KeyLabels.RECORD_MASTER, Kind.RECORD_MASTER, key));
        ceremony.identity();
        ceremony.provideOperatorConstant(operator);
        entries.add(operatorConstant(KeyLabels.op(operator), KeyLabels.hostStorage(1)));
        return KeyBackup.of(ceremony, key, now(), entries);
    }

    /**
     * Makes {@code SK-version} and {@code SKH-version}, and adds them to a backup under the same backup key.
     *
     * @param live versions that stay in the backup; what only older versions needed leaves it
     * @throws KeyException if the backup is not genuine
     */
    public KeyBackup storageKeys(int version, KeyBackup before, Set<Integer> live, BackupKey key) {
        before.requireGenuine(ceremony, key);
        Set<String> labels = new HashSet<>(Set.of(KeyLabels.RECORD_MASTER));
        live.forEach(one -> {
            labels.add(KeyLabels.storage(one));
            labels.add(KeyLabels.hostStorage(one));
        });
        List<Entry> entries = new ArrayList<>(before.keys().stream()
                .filter(entry -> labels.contains(entry.label()))
                .toList());
        entries.addAll(newStorageKeys(version, key));
        before.keys().stream()
                .filter(entry -> entry.kind() == Kind.OPERATOR_CONSTANT)
                .forEach(entry -> entries.add(operatorConstant(entry.label(), KeyLabels.hostStorage(version))));
        return KeyBackup.of(ceremony, key, now(), entries);
    }

    private List<Entry> newStorageKeys(int version, BackupKey key) {
        return List.of(
                make(KeyLabels.storage(version), Kind.STORAGE, key),
                make(KeyLabels.hostStorage(version), Kind.HOST_STORAGE, key));
    }

    private Entry make(String label, Kind kind, BackupKey key) {
        byte[][] blob = new byte[1][];
        ceremony.makeTrusted(label, true, (session, draftLabel) -> {
            long draft = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), KeyPolicy.draftForBackup(draftLabel, kind));
            long backup = session.createObject(KeyPolicy.backupKey(key.wrapping()));
            try {
                blob[0] = wrapped(session, backup, draft);
            } finally {
                session.destroyObject(backup);
            }
            return draft;
        });
        return new Entry(label, kind, UNDER_BACKUP_KEY, HEX.formatHex(blob[0]), check(label));
    }

    private Entry operatorConstant(String label, String hostStorage) {
        KeyRing ring = new KeyRing();
        byte[] blob = ceremony.asUser(
                session -> wrapped(session, ring.secretKey(session, hostStorage), ring.secretKey(session, label)));
        return new Entry(label, Kind.OPERATOR_CONSTANT, hostStorage, HEX.formatHex(blob), "");
    }

    private byte[] wrapped(Session session, long kek, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONGEST_BLOB);
            return out.asSlice(0, session.wrapKey(wrap, kek, key, out)).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private String check(String label) {
        return ceremony.asUser(session -> StoreKeyCheck.of(session, ceremony.profile(), label));
    }

    /**
     * Brings the keys of a backup into a token that has none of them, and makes the token's own signing and TLS keys.
     * For a token that takes the place of a lost one as for one that serves beside it.
     *
     * @throws KeyException if the backup is not genuine, a label is taken, or a key has another check value afterwards
     */
    public void restore(KeyBackup backup, BackupKey key) {
        backup.requireGenuine(ceremony, key);
        for (Entry entry : backup.keys()) {
            if (entry.kind() == Kind.OPERATOR_CONSTANT) {
                restoreOperatorConstant(entry);
            } else {
                restore(entry, key);
            }
        }
        ceremony.identity();
    }

    /**
     * Brings those keys of a backup into a token that it lacks: for a token that serves beside others with the same
     * keys, new or when they have new ones.
     *
     * @return the labels of the keys brought
     * @throws KeyException if the backup is not genuine, or a key has another check value afterwards
     */
    public List<String> supplement(KeyBackup backup, BackupKey key) {
        backup.requireGenuine(ceremony, key);
        List<Entry> missing = ceremony.asUser(session -> backup.keys().stream()
                .filter(entry ->
                        KeyRing.find(session, Ck.CKO_SECRET_KEY, entry.label()).isEmpty())
                .toList());
        for (Entry entry : missing) {
            if (entry.kind() == Kind.OPERATOR_CONSTANT) {
                restoreOperatorConstant(entry);
            } else {
                restore(entry, key);
            }
        }
        return missing.stream().map(Entry::label).toList();
    }

    private void restore(Entry entry, BackupKey key) {
        ceremony.makeTrusted(entry.label(), true, (session, draftLabel) -> {
            long backup = session.createObject(KeyPolicy.restoringKey(key.wrapping()));
            try {
                return unwrap(session, backup, entry, KeyPolicy.restoredDraft(draftLabel, entry.kind()));
            } finally {
                session.destroyObject(backup);
            }
        });
        String check = check(entry.label());
        if (!check.equals(entry.check())) {
            throw new KeyException("the restored key " + entry.label() + " has the check value " + check + ", not "
                    + entry.check() + ": give up this token and start again with a new one");
        }
    }

    private void restoreOperatorConstant(Entry entry) {
        ceremony.asUser(session -> unwrap(
                session,
                new KeyRing().secretKey(session, entry.under()),
                entry,
                KeyPolicy.restoredOperatorConstant(entry.label())));
    }

    private long unwrap(Session session, long kek, Entry entry, Template template) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] blob = entry.octets();
            return session.unwrapKey(wrap, kek, arena.allocateFrom(ValueLayout.JAVA_BYTE, blob), blob.length, template);
        }
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
