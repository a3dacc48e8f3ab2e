package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.KeyPairHandles;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.token.TokenProfile;

/**
 * Makes keys in a token, with the security officer's hand where a key must be TRUSTED.
 *
 * <p>A TRUSTED key comes about in three steps: the officer makes it as a public, modifiable draft; the user copies it
 * into private, not extractable and not modifiable; the officer destroys the draft. A ceremony that is broken off
 * leaves at most a draft behind, which the next one clears away. Logins belong to the process, so a ceremony needs a
 * process that is not logged in to the token otherwise.
 */
public final class Ceremony {

    static final String DRAFT_PREFIX = "draft/";

    private static final int OP_OCTETS = 16;
    private static final int TOP_OCTETS = 32;
    private static final Mechanism AES_KEY_GEN = Mechanism.of(Ckm.AES_KEY_GEN);
    private static final int TRUSTED_KEY_OCTETS = 32;

    private final Cryptoki cryptoki;
    private final TokenProfile profile;
    private final long slot;
    private final Secret soPin;
    private final Secret userPin;

    /** The PINs stay the caller's to close. */
    public Ceremony(Cryptoki cryptoki, TokenProfile profile, long slot, Secret soPin, Secret userPin) {
        this.cryptoki = cryptoki;
        this.profile = profile;
        this.slot = slot;
        this.soPin = soPin;
        this.userPin = userPin;
    }

    /**
     * Makes the keys that every Kiln token has: {@code SK-1}, {@code SKH-1}, the record master, and the signing and TLS
     * key pairs.
     */
    public void foundation() {
        storageKeys(1);
        recordMaster();
        identity();
    }

    /**
     * As {@link #foundation}, with a copy of {@code SK-1} that is not locked, for {@link KekPlace#SESSION}. With it whoever has the
     * user's PIN can read every Ki.
     */
    public void laboratoryFoundation() {
        String label = KeyLabels.storage(1);
        makeTrusted(
                label,
                false,
                (session, draft) -> session.generateKey(
                        AES_KEY_GEN, KeyPolicy.trustedDraft(draft, storageRole(), TRUSTED_KEY_OCTETS, false)),
                (session, draft) -> session.copyObject(draft, KeyPolicy.unlockedCopy(KeyLabels.unlocked(label))));
        hostStorageKey(1);
        recordMaster();
        identity();
    }

    private void recordMaster() {
        asUser(session -> {
            requireFree(session, KeyLabels.RECORD_MASTER);
            return session.generateKey(AES_KEY_GEN, KeyPolicy.recordMaster(KeyLabels.RECORD_MASTER));
        });
    }

    /** Makes the signing and TLS key pairs, which are a token's own and never leave it. */
    void identity() {
        asUser(session -> {
            generateSigningKey(session, KeyLabels.SIGNING);
            generateEnvelopeKey(session);
            return generateSigningKey(session, KeyLabels.TLS_SERVER);
        });
    }

    /** Makes {@code SK-version} and {@code SKH-version}. */
    public void storageKeys(int version) {
        generateTrusted(KeyLabels.storage(version), storageRole());
        hostStorageKey(version);
    }

    private void hostStorageKey(int version) {
        asUser(session -> {
            requireFree(session, KeyLabels.hostStorage(version));
            return session.generateKey(AES_KEY_GEN, KeyPolicy.hostStorageKey(KeyLabels.hostStorage(version)));
        });
    }

    private KeyRole storageRole() {
        TokenProfile.Aka aka = profile.aka();
        boolean vectors = aka != null && (aka.drives("milenage") || aka.drives("tuak"));
        return vectors ? KeyRole.VECTOR_STORAGE : KeyRole.STORAGE;
    }

    /**
     * Generates a TRUSTED AES-256 key that nobody outside the token will know.
     *
     * @return its check values
     */
    public Kcv generateTrusted(String label, KeyRole role) {
        return generateTrusted(label, role, TRUSTED_KEY_OCTETS);
    }

    /** Generates a TRUSTED AES key of 16, 24 or 32 octets. */
    Kcv generateTrusted(String label, KeyRole role, int octets) {
        return makeTrusted(
                label,
                false,
                (session, draft) ->
                        session.generateKey(AES_KEY_GEN, KeyPolicy.trustedDraft(draft, role, octets, false)));
    }

    /** Makes a TRUSTED key of a value that custodians brought. */
    Kcv importTrusted(String label, KeyRole role, Secret value) {
        return makeTrusted(
                label,
                false,
                (session, draft) -> session.createObject(
                        KeyPolicy.trustedDraft(draft, role, value.expose(SecretAccess.granted()))));
    }

    /** Makes the key under which OPc of an incoming transport key is read. */
    void importIncomingOpcKey(String label, Secret value) {
        asUser(session -> {
            requireFree(session, label);
            return session.createObject(KeyPolicy.incomingOpcKey(label, value.expose(SecretAccess.granted())));
        });
    }

    /** Generates an operator's OP constant unless the token holds it. */
    public void provideOperatorConstant(String operator) {
        provideConstant(KeyLabels.op(operator), OP_OCTETS);
    }

    /** Generates an operator's TOP constant, for TUAK, unless the token holds it. */
    public void provideTop(String operator) {
        provideConstant(KeyLabels.top(operator), TOP_OCTETS);
    }

    private void provideConstant(String label, int octets) {
        asUser(session -> KeyRing.find(session, Ck.CKO_SECRET_KEY, label)
                .orElseGet(() -> session.generateKey(
                        Mechanism.of(Ckm.GENERIC_SECRET_KEY_GEN), KeyPolicy.operatorConstant(label, octets))));
    }

    private static KeyPairHandles generateEnvelopeKey(Session session) {
        byte[] id = KeyLabels.ENVELOPE.getBytes(StandardCharsets.UTF_8);
        if (KeyRing.find(session, Ck.CKO_PRIVATE_KEY, KeyLabels.ENVELOPE).isPresent()) {
            throw taken(KeyLabels.ENVELOPE);
        }
        return session.generateKeyPair(
                Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                KeyPolicy.signingPublicKey(KeyLabels.ENVELOPE, id),
                KeyPolicy.envelopePrivateKey(KeyLabels.ENVELOPE, id));
    }

    private KeyPairHandles generateSigningKey(Session session, String label) {
        byte[] id = label.getBytes(StandardCharsets.UTF_8);
        if (KeyRing.find(session, Ck.CKO_PRIVATE_KEY, label).isPresent()) {
            throw taken(label);
        }
        return session.generateKeyPair(
                Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                KeyPolicy.signingPublicKey(label, id),
                KeyPolicy.signingPrivateKey(label, id));
    }

    /** How the officer makes the draft of a key in his session. */
    @FunctionalInterface
    interface Draft {
        long make(Session session, String draftLabel);
    }

    /** What else the user takes of a draft, before it is destroyed. */
    @FunctionalInterface
    private interface MoreCopies {
        void take(Session session, long draft);
    }

    /**
     * Draft, private copy, destruction of the draft.
     *
     * @return the key's check values, which the copy's {@code CKA_CHECK_VALUE}, where the token keeps one, agrees with
     */
    Kcv makeTrusted(String label, boolean exportable, Draft draft) {
        return makeTrusted(label, exportable, draft, (_, _) -> {});
    }

    private Kcv makeTrusted(String label, boolean exportable, Draft draft, MoreCopies more) {
        String draftLabel = DRAFT_PREFIX + label;
        asUser(session -> {
            requireFree(session, label);
            return label;
        });
        Kcv kcv = asOfficer(session -> {
            destroyDrafts(session);
            return CheckValues.ofDraft(session, draft.make(session, draftLabel));
        });
        try {
            return asUser(session -> {
                long only = onlyDraft(session, draftLabel);
                long copy = session.copyObject(only, KeyPolicy.privateCopy(label, exportable));
                CheckValues.requireKept(session, copy, kcv);
                more.take(session, only);
                return kcv;
            });
        } finally {
            asOfficer(session -> {
                destroyDrafts(session);
                return label;
            });
        }
    }

    private static long onlyDraft(Session session, String draftLabel) {
        long[] drafts = session.findObjects(Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .label(draftLabel)
                .build());
        if (drafts.length != 1) {
            throw new KeyException("expected one draft labelled '" + draftLabel + "', found " + drafts.length
                    + ": is another ceremony under way on this token?");
        }
        return drafts[0];
    }

    private static void destroyDrafts(Session session) {
        Template publicObjects = Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .build();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment label = arena.allocate(256);
            for (long object : session.findObjects(publicObjects)) {
                long length = session.getAttribute(object, Cka.LABEL, label);
                if (length > 0 && text(label, length).startsWith(DRAFT_PREFIX)) {
                    session.destroyObject(object);
                }
            }
        }
    }

    private static String text(MemorySegment octets, long length) {
        return new String(octets.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    static void requireFree(Session session, String label) {
        if (KeyRing.find(session, Ck.CKO_SECRET_KEY, label).isPresent()) {
            throw taken(label);
        }
    }

    private static KeyException taken(String label) {
        return new KeyException("the token holds a key labelled '" + label + "' already; choose another label");
    }

    <T> T asOfficer(Function<Session, T> work) {
        return as(Ck.CKU_SO, soPin, work);
    }

    <T> T asUser(Function<Session, T> work) {
        return as(Ck.CKU_USER, userPin, work);
    }

    private <T> T as(long who, Secret pin, Function<Session, T> work) {
        try (Session session = cryptoki.openSession(slot, true)) {
            session.login(who, pin);
            try {
                return work.apply(session);
            } finally {
                session.logout();
            }
        }
    }

    /** Check values of a value that custodians brought, taken as an AES key. */
    Kcv checkValues(Secret value) {
        KeyPolicy policy = new KeyPolicy(profile.privateSessionObjects());
        return asUser(session -> {
            long key = session.createObject(policy.checkValueKey(value.expose(SecretAccess.granted())));
            try {
                return CheckValues.compute(session, key);
            } finally {
                session.destroyObject(key);
            }
        });
    }

    /** The profile of the token. */
    public TokenProfile profile() {
        return profile;
    }
}
