package org.kiln.kms.keys;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;

/** Which keys of the store a token holds, so that tokens that are to serve together can be compared. */
public final class KeyRoster {

    private KeyRoster() {}

    /** Check values of all storage keys and of the record master, by label. */
    public static Map<String, String> read(Session session, TokenProfile profile) {
        Map<String, String> roster = new HashMap<>();
        long[] keys = session.findObjects(Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .build());
        for (long key : keys) {
            String label = TokenObject.label(session, key);
            if (KeyLabels.isOfTheStore(label)) {
                roster.put(label, StoreKeyCheck.of(session, profile, label));
            }
        }
        return roster;
    }

    /** Labels of the keys without which a store under these versions of the storage keys cannot be read. */
    public static Set<String> needed(Set<Integer> versions) {
        Set<String> labels = new TreeSet<>(Set.of(KeyLabels.RECORD_MASTER));
        for (int version : versions) {
            labels.add(KeyLabels.storage(version));
            labels.add(KeyLabels.hostStorage(version));
        }
        return labels;
    }
}
