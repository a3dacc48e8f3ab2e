package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
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

    private static final Mechanism AES_KEY_GEN = Mechanism.of(Ckm.AES_KEY_GEN);
    private static final int RSA_LEAST_BITS = 3072;
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
        asUser(session -> {
            requireFree(session, KeyLabels.RECORD_MASTER);
            return session.generateKey(AES_KEY_GEN, KeyPolicy.recordMaster(KeyLabels.RECORD_MASTER));
        });
        identity();
    }

    /** Makes the signing and TLS key pairs, which are a token's own and never leave it. */
    void identity() {
        asUser(session -> {
            generateSigningKey(session, KeyLabels.SIGNING);
            return generateSigningKey(session, KeyLabels.TLS_SERVER);
        });
    }

    /** Makes {@code SK-version} and {@code SKH-version}. */
    public void storageKeys(int version) {
        generateTrusted(KeyLabels.storage(version), KeyRole.STORAGE);
        asUser(session -> {
            requireFree(session, KeyLabels.hostStorage(version));
            return session.generateKey(AES_KEY_GEN, KeyPolicy.hostStorageKey(KeyLabels.hostStorage(version)));
        });
    }

    /** Generates a TRUSTED AES-256 key that nobody outside the token will know. */
    public void generateTrusted(String label, KeyRole role) {
        makeOfDraft(
                label,
                false,
                (session, draft) -> session.generateKey(
                        AES_KEY_GEN, KeyPolicy.trustedDraft(draft, role, TRUSTED_KEY_OCTETS, false)));
    }

    /** Makes a TRUSTED key of a value that custodians brought. */
    void importTrusted(String label, KeyRole role, Secret value) {
        makeOfDraft(
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

    /**
     * Generates an outgoing transport key and wraps it for the partner by RSA-OAEP in the officer's session.
     *
     * @param partner the partner's key, of at least 3072 bits, whose origin the officer has checked
     * @return the transport key under the partner's key
     */
    byte[] generateAndExport(String label, RSAPublicKey partner) {
        if (partner.getModulus().bitLength() < RSA_LEAST_BITS) {
            throw new KeyException(
                    "the partner's RSA key has " + partner.getModulus().bitLength()
                            + " bits; a transport key leaves under at least " + RSA_LEAST_BITS);
        }
        byte[][] wrapped = new byte[1][];
        makeOfDraft(label, true, (session, draft) -> {
            long key = session.generateKey(
                    AES_KEY_GEN, KeyPolicy.trustedDraft(draft, KeyRole.OUTGOING_TRANSPORT, TRUSTED_KEY_OCTETS, true));
            long publicKey = session.createObject(KeyPolicy.partnerPublicKey(
                    draft + "/partner", unsigned(partner.getModulus()), unsigned(partner.getPublicExponent())));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment out = arena.allocate(partner.getModulus().bitLength() / 8 + 8);
                int length = session.wrapKey(profile.oaep(), publicKey, key, out);
                wrapped[0] = out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            } finally {
                session.destroyObject(publicKey);
            }
            return key;
        });
        return wrapped[0];
    }

    /** Generates an operator's OP constant unless the token holds it. */
    public void provideOperatorConstant(String operator) {
        String label = KeyLabels.op(operator);
        asUser(session -> KeyRing.find(session, Ck.CKO_SECRET_KEY, label)
                .orElseGet(() -> session.generateKey(
                        Mechanism.of(Ckm.GENERIC_SECRET_KEY_GEN), KeyPolicy.operatorConstant(label))));
    }

    /** The check value that the token keeps of a key ({@code CKA_CHECK_VALUE}), upper-case hexadecimal. */
    String checkValue(String label) {
        return asUser(session -> CheckValues.zeroBlock(session, new KeyRing().secretKey(session, label)));
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

    /** The officer makes a draft, the user takes it into private, the officer destroys it. */
    void makeOfDraft(String label, boolean exportable, Draft draft) {
        String draftLabel = DRAFT_PREFIX + label;
        asUser(session -> {
            requireFree(session, label);
            return label;
        });
        asOfficer(session -> {
            destroyDrafts(session);
            return draft.make(session, draftLabel);
        });
        try {
            asUser(session ->
                    session.copyObject(onlyDraft(session, draftLabel), KeyPolicy.privateCopy(label, exportable)));
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

    private static void requireFree(Session session, String label) {
        if (KeyRing.find(session, Ck.CKO_SECRET_KEY, label).isPresent()) {
            throw taken(label);
        }
    }

    private static KeyException taken(String label) {
        return new KeyException("the token holds a key labelled '" + label + "' already; choose another label");
    }

    private <T> T asOfficer(Function<Session, T> work) {
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
        return asUser(session -> {
            KeyPolicy policy = new KeyPolicy(profile.privateSessionObjects());
            long key = session.createObject(policy.checkValueKey(value.expose(SecretAccess.granted())));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment zeros = arena.allocate(16);
                MemorySegment encrypted = arena.allocate(16);
                MemorySegment mac = arena.allocate(16);
                session.encrypt(profile.aesEcb(), key, zeros, 16, encrypted);
                session.sign(Mechanism.of(Ckm.AES_CMAC), key, zeros, 16, mac);
                return Kcv.of(encrypted.toArray(ValueLayout.JAVA_BYTE), mac.toArray(ValueLayout.JAVA_BYTE));
            } finally {
                session.destroyObject(key);
            }
        });
    }

    TokenProfile profile() {
        return profile;
    }

    private static byte[] unsigned(BigInteger number) {
        byte[] octets = number.toByteArray();
        return octets[0] == 0 ? Arrays.copyOfRange(octets, 1, octets.length) : octets;
    }
}
