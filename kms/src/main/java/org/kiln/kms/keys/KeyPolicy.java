package org.kiln.kms.keys;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Template;
import org.kiln.transfer.keyblock.AgreementInfo;

/**
 * The attributes of every key Kiln makes. No other class writes a template for a secret or private key, but for the
 * scratch keys of {@code org.kiln.certify}, which protect nothing.
 *
 * <p>The rules, which keep the published attacks on PKCS#11 out (Clulow 2003; Bortolozzo and others 2010):
 *
 * <ul>
 *   <li>no key has both WRAP and DECRYPT, or both UNWRAP and ENCRYPT;
 *   <li>a key-encrypting key does nothing else, is not extractable and not modifiable, and if it unwraps keys that
 *       must stay hidden it forces on them, through {@code CKA_UNWRAP_TEMPLATE}, SENSITIVE, WRAP_WITH_TRUSTED, the type
 *       AES and no right but ENCRYPT;
 *   <li>an exportable key leaves only under a TRUSTED key, and only the security officer makes those;
 *   <li>what the host may read (OPc, OP) lies under keys that are not TRUSTED, so that nothing else can come there.
 * </ul>
 *
 * <p>{@code CKA_MODIFIABLE} stands last wherever it stands: SoftHSM refuses what follows it in a copy's template.
 */
public final class KeyPolicy {

    /** What a hidden key must be when it is unwrapped. */
    private static final Template HIDDEN = Template.builder()
            .with(Cka.SENSITIVE, true)
            .with(Cka.WRAP_WITH_TRUSTED, true)
            .build();

    private static final List<Cka> ALL_RIGHTS =
            List.of(Cka.ENCRYPT, Cka.DECRYPT, Cka.WRAP, Cka.UNWRAP, Cka.SIGN, Cka.VERIFY, Cka.DERIVE);

    /**
     * What {@code CKA_UNWRAP_TEMPLATE} forces on every key that comes under a storage key or an incoming transport key:
     * hidden, able to encrypt at most, and AES. Were its type free, a Ki could be taken for a DES key, and that be
     * searched.
     */
    private static final Template FORCED = forced();

    private static final int STORAGE_KEY_OCTETS = 32;
    private static final long RECEIVING_BITS = 3072;
    private static final byte[] P256 = {0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07};

    private final boolean privateSessionObjects;

    /** @param privateSessionObjects as the token's profile says */
    public KeyPolicy(boolean privateSessionObjects) {
        this.privateSessionObjects = privateSessionObjects;
    }

    /** The officer's draft of a TRUSTED key that the token generates: public, modifiable, gone when the ceremony ends. */
    static Template trustedDraft(String label, KeyRole role, int octets, boolean exportable) {
        return trusted(label, role, exportable)
                .with(Cka.VALUE_LEN, (long) octets)
                .build();
    }

    /** The officer's draft of a TRUSTED key whose value is brought. */
    static Template trustedDraft(String label, KeyRole role, MemorySegment value) {
        return trusted(label, role, false).with(Cka.VALUE, value).build();
    }

    private static Template.Builder trusted(String label, KeyRole role, boolean exportable) {
        Template.Builder template = aes().with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .with(Cka.TRUSTED, role.isTrusted())
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, exportable)
                .and(only(role.rights()));
        if (exportable) {
            template.with(Cka.WRAP_WITH_TRUSTED, true);
        }
        if (role.rights().contains(Cka.UNWRAP)) {
            template.with(Cka.UNWRAP_TEMPLATE, FORCED);
        }
        return template;
    }

    /**
     * What the user changes when he takes the officer's draft into private.
     *
     * @param exportable whether the draft was; what is not extractable must not be told so again (SoftHSM refuses)
     */
    static Template privateCopy(String label, boolean exportable) {
        Template.Builder changes = Template.builder().label(label).with(Cka.PRIVATE, true);
        if (exportable) {
            changes.with(Cka.EXTRACTABLE, false);
        }
        return changes.with(Cka.MODIFIABLE, false).build();
    }

    /**
     * A laboratory's second copy of a storage key's draft, of which sessions take theirs. It unwraps only, and is not locked: of a
     * locked key there is no copy in a session. The audit names it, for the user can take a copy that decrypts.
     */
    static Template unlockedCopy(String label) {
        return Template.builder()
                .label(label)
                .with(Cka.PRIVATE, true)
                .with(Cka.WRAP, false)
                .build();
    }

    /** The copy of that one in a session: locked, and with its unwrap template. */
    static Template storageKeyOfSession() {
        return Template.builder()
                .with(Cka.TOKEN, false)
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** What the officer's draft becomes, for a moment and as a session object, to have its check values computed. */
    static Template draftOnTrial() {
        return Template.builder()
                .with(Cka.TOKEN, false)
                .and(only(Cka.ENCRYPT, Cka.SIGN))
                .build();
    }

    /** The officer's draft of a TRUSTED key that a partner wrapped for this token. */
    static Template arrivingDraft(String label, KeyRole role) {
        return trusted(label, role, false).build();
    }

    /** A partner's OPc transport key on its way into private: unwraps OPc, which the host may read. */
    static Template arrivingIncomingOpcKey(String label) {
        return lockedTokenKey(label)
                .and(only(Cka.UNWRAP))
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** The public half of a pair under which a partner wraps one transport key. */
    static Template receivingPublicKey(String label) {
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .with(Cka.WRAP, true)
                .with(Cka.ENCRYPT, false)
                .with(Cka.VERIFY, false)
                .with(Cka.MODULUS_BITS, RECEIVING_BITS)
                .with(Cka.PUBLIC_EXPONENT, new byte[] {1, 0, 1})
                .build();
    }

    /**
     * The private half: the officer's, hence no private object, since he sees none. What it unwraps must be hidden and,
     * unless it is for OPc, TRUSTED, which only he can grant: the user cannot unwrap with it.
     */
    static Template receivingPrivateKey(String label, boolean trusted) {
        Template.Builder forced = Template.builder().with(Cka.SENSITIVE, true).with(Cka.EXTRACTABLE, false);
        if (trusted) {
            forced.with(Cka.TRUSTED, true);
        }
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .with(Cka.UNWRAP, true)
                .with(Cka.DECRYPT, false)
                .with(Cka.SIGN, false)
                .with(Cka.UNWRAP_TEMPLATE, forced.build())
                .build();
    }

    /** The public half of a pair that agrees on one key and ends with the officer's session. */
    static Template ephemeralPublicKey(byte[] parameters) {
        return agreementPublicKey(false, parameters).build();
    }

    /** Its private half. No private object, since the officer makes none: it lives for one call of his. */
    static Template ephemeralPrivateKey() {
        return agreementPrivateKey(false).build();
    }

    /** The public half of an officer's pair with which a partner agrees on a key for one transport key. */
    static Template offeredPublicKey(String label, byte[] parameters) {
        return agreementPublicKey(true, parameters).label(label).build();
    }

    /**
     * The private half, the officer's like {@link #receivingPrivateKey}: whatever is derived with it must be TRUSTED,
     * which only he can grant.
     */
    static Template offeredPrivateKey(String label) {
        return agreementPrivateKey(true)
                .label(label)
                .with(
                        Cka.DERIVE_TEMPLATE,
                        Template.builder()
                                .with(Cka.TRUSTED, true)
                                .with(Cka.SENSITIVE, true)
                                .with(Cka.EXTRACTABLE, false)
                                .build())
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    private static Template.Builder agreementPublicKey(boolean token, byte[] parameters) {
        return Template.builder()
                .with(Cka.TOKEN, token)
                .with(Cka.PRIVATE, false)
                .with(Cka.VERIFY, false)
                .with(Cka.EC_PARAMS, parameters);
    }

    private static Template.Builder agreementPrivateKey(boolean token) {
        return Template.builder()
                .with(Cka.TOKEN, token)
                .with(Cka.PRIVATE, false)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .with(Cka.DERIVE, true)
                .with(Cka.SIGN, false)
                .with(Cka.DECRYPT, false)
                .with(Cka.UNWRAP, false);
    }

    /** A one-time key that both sides agreed: of the officer's session, TRUSTED, wraps or unwraps one transport key. */
    static Template agreedKey(Cka right) {
        Template.Builder template = officersKek(right).with(Cka.VALUE_LEN, (long) AgreementInfo.KEY_OCTETS);
        if (right == Cka.UNWRAP) {
            template.with(
                    Cka.UNWRAP_TEMPLATE,
                    Template.builder()
                            .with(Cka.SENSITIVE, true)
                            .with(Cka.EXTRACTABLE, false)
                            .build());
        }
        return template.build();
    }

    /** The officer's draft of a partner's OPc transport key: not TRUSTED, unwraps what the host may read. */
    static Template arrivingOpcKeyDraft(String label) {
        return aes().with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Cka.UNWRAP))
                .build();
    }

    /** A partner's RSA public key, TRUSTED by the officer so that a transport key may leave under it. */
    static Template partnerPublicKey(String label, byte[] modulus, byte[] exponent) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_PUBLIC_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_RSA)
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .with(Cka.TRUSTED, true)
                .with(Cka.WRAP, true)
                .with(Cka.ENCRYPT, false)
                .with(Cka.VERIFY, false)
                .with(Cka.MODULUS, modulus)
                .with(Cka.PUBLIC_EXPONENT, exponent)
                .build();
    }

    /** Host storage key: not TRUSTED and without an unwrap template, for what the host may read. */
    static Template hostStorageKey(String label) {
        return lockedTokenKey(label)
                .with(Cka.VALUE_LEN, (long) STORAGE_KEY_OCTETS)
                .and(only(Cka.WRAP, Cka.UNWRAP))
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** The second object of an incoming transport key: unwraps OPc, which the host may read. */
    static Template incomingOpcKey(String label, MemorySegment value) {
        return lockedTokenKey(label)
                .with(Cka.VALUE, value)
                .and(only(Cka.UNWRAP))
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** The officer's draft of a key that is made with a backup: leaves under TRUSTED keys until it is taken into private. */
    static Template draftForBackup(String label, KeyBackup.Kind kind) {
        return restorable(label, kind)
                .with(Cka.VALUE_LEN, (long) STORAGE_KEY_OCTETS)
                .build();
    }

    /** The officer's draft of a key that comes back out of a backup. */
    static Template restoredDraft(String label, KeyBackup.Kind kind) {
        return restorable(label, kind).build();
    }

    private static Template.Builder restorable(String label, KeyBackup.Kind kind) {
        return switch (kind) {
            case STORAGE -> trusted(label, KeyRole.STORAGE, true);
            case HOST_STORAGE -> hostDraft(label).and(only(Cka.WRAP, Cka.UNWRAP));
            case RECORD_MASTER -> hostDraft(label).and(only(Cka.SIGN));
            case OPERATOR_CONSTANT -> throw new IllegalArgumentException("an operator's constant has no draft");
        };
    }

    private static Template.Builder hostDraft(String label) {
        return aes().with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .and(HIDDEN)
                .with(Cka.EXTRACTABLE, true);
    }

    /** A backup key, of the officer's session: wraps drafts, and ends with the session. */
    static Template backupKey(MemorySegment value) {
        return officersKek(Cka.WRAP).with(Cka.VALUE, value).build();
    }

    /** A backup key that gives back: what it unwraps stays hidden. */
    static Template restoringKey(MemorySegment value) {
        return officersKek(Cka.UNWRAP)
                .with(Cka.UNWRAP_TEMPLATE, HIDDEN)
                .with(Cka.VALUE, value)
                .build();
    }

    private static Template.Builder officersKek(Cka right) {
        return aes().with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.TRUSTED, true)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(right));
    }

    /** Record-integrity master: computes CMACs and does nothing else. */
    static Template recordMaster(String label) {
        return lockedTokenKey(label)
                .with(Cka.VALUE_LEN, (long) STORAGE_KEY_OCTETS)
                .and(only(Cka.SIGN))
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** An operator's OP (16 octets) or TOP (32) constant, which Milenage and TUAK need outside the token. */
    static Template operatorConstant(String label, int octets) {
        return operatorConstantOf(label)
                .with(Cka.VALUE_LEN, (long) octets)
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** An operator's constant that comes back out of a backup. */
    static Template restoredOperatorConstant(String label) {
        return operatorConstantOf(label).with(Cka.MODIFIABLE, false).build();
    }

    private static Template.Builder operatorConstantOf(String label) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_GENERIC_SECRET)
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only());
    }

    /** A key block protection key (ANSI X9.143): computes the CMACs that the keys of a block are derived by, and no more. */
    static Template keyBlockKey(String label, MemorySegment value) {
        return lockedTokenKey(label)
                .and(only(Cka.SIGN))
                .with(Cka.VALUE, value)
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** What the secret token objects of a label have in common, to find them by. */
    static Template secretTokenKey(String label) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.TOKEN, true)
                .label(label)
                .build();
    }

    static Template signingPublicKey(String label, byte[] id) {
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .with(Cka.ID, id)
                .with(Cka.VERIFY, true)
                .with(Cka.EC_PARAMS, P256)
                .build();
    }

    static Template signingPrivateKey(String label, byte[] id) {
        return privateKey(label, id, true, false);
    }

    /** The pair to which files for the operator are encrypted: its private half agrees on secrets and does nothing else. */
    static Template envelopePrivateKey(String label, byte[] id) {
        return privateKey(label, id, false, true);
    }

    private static Template privateKey(String label, byte[] id, boolean signs, boolean agrees) {
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .with(Cka.ID, id)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .with(Cka.SIGN, signs)
                .with(Cka.DECRYPT, false)
                .with(Cka.UNWRAP, false)
                .with(Cka.DERIVE, agrees)
                .build();
    }

    /** The public half of a home-network pair: gone with the session, for the register keeps its point. */
    static Template homeNetworkPublicKey(byte[] parameters) {
        return agreementPublicKey(false, parameters).build();
    }

    /** The private half: agrees on secrets, which the host reads, and does nothing else. */
    static Template homeNetworkPrivateKey(String label) {
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .with(Cka.DERIVE, true)
                .with(Cka.SIGN, false)
                .with(Cka.DECRYPT, false)
                .with(Cka.UNWRAP, false)
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** A secret agreed with a home-network key, read into guarded memory and destroyed at once. */
    Template agreedSecret(int octets) {
        return secret(Ck.CKK_GENERIC_SECRET)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .with(Cka.VALUE_LEN, (long) octets)
                .build();
    }

    /** A key derived from such a secret, with the value given: encrypts blocks of one message. */
    Template messageKey(MemorySegment value) {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Cka.ENCRYPT))
                .with(Cka.VALUE, value)
                .build();
    }

    /** A key of {@code octets} being made for a card: leaves only under TRUSTED keys. */
    public Template newCardKey(int octets) {
        return exportable().with(Cka.VALUE_LEN, (long) octets).build();
    }

    /** A Ki being made for a card: as {@link #newCardKey}, and it computes its OPc. */
    public Template newSubscriberKey(int octets) {
        return exportable(Cka.ENCRYPT).with(Cka.VALUE_LEN, (long) octets).build();
    }

    /** As {@link #newCardKey}, of which the CMAC check value is computed. */
    public Template newCardKeyThatSigns(int octets) {
        return exportable(Cka.SIGN).with(Cka.VALUE_LEN, (long) octets).build();
    }

    /** A 3DES key being made for a card, with two keys or three: leaves only under TRUSTED keys. */
    public Template newCardDesKey(boolean threeKeys) {
        return secret(threeKeys ? Ck.CKK_DES3 : Ck.CKK_DES2)
                .and(HIDDEN)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .build();
    }

    /** A Ki being made for a card whose network computes on the guarded host: the host may read it. */
    public Template newReadableSubscriberKey(int octets) {
        return newReadableCardKey(octets, Cka.ENCRYPT);
    }

    /** A key being made for such a card that is to leave in a key block: the host reads it and puts it there. */
    public Template newReadableCardKey(int octets, Cka... rights) {
        return readableCardKey(rights).with(Cka.VALUE_LEN, (long) octets).build();
    }

    /** As {@link #newReadableCardKey}, with the value given, which was derived from a master. */
    public Template derivedReadableCardKey(MemorySegment value, Cka... rights) {
        return readableCardKey(rights).with(Cka.VALUE, value).build();
    }

    private Template.Builder readableCardKey(Cka... rights) {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only(rights));
    }

    /** A 3DES key, as {@link #newReadableCardKey}. */
    public Template newReadableCardDesKey(boolean threeKeys) {
        return secret(threeKeys ? Ck.CKK_DES3 : Ck.CKK_DES2)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .build();
    }

    /** As {@link #newCardKey}, with the value given, which was derived from a master. */
    public Template derivedCardKey(MemorySegment value, Cka... rights) {
        return exportable(rights).with(Cka.VALUE, value).build();
    }

    /** A master from which keys of cards are derived, on a token of its own. */
    static Template diversificationMaster(String label, MemorySegment value) {
        return lockedTokenKey(label)
                .and(only(Cka.DERIVE))
                .with(Cka.VALUE, value)
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** A key derived from a master, read at once and destroyed. */
    static Template derivedReadable(int octets) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_GENERIC_SECRET)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .with(Cka.VALUE_LEN, (long) octets)
                .build();
    }

    /** A Ki that arrived under a transport key, on its way under the storage key; encrypts its check value. */
    public Template arrivingSubscriberKey() {
        return exportable(Cka.ENCRYPT).build();
    }

    /**
     * A 3DES key that arrived for a card, on its way out again; encrypts its check value. It comes under the second object
     * of a transport key, for under the first everything becomes an AES key.
     */
    public Template arrivingCardDesKey(boolean threeKeys) {
        return secret(threeKeys ? Ck.CKK_DES3 : Ck.CKK_DES2)
                .and(HIDDEN)
                .with(Cka.EXTRACTABLE, true)
                .and(only(Cka.ENCRYPT))
                .build();
    }

    /** A code that arrived for a card, on its way out again, under the second object of a transport key like a 3DES key. */
    public Template arrivingCode() {
        return secret(Ck.CKK_GENERIC_SECRET)
                .and(HIDDEN)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .build();
    }

    /** A code that arrived, which a file is to have in the clear. */
    public Template arrivingUnboundCode() {
        return opc().with(Cka.SENSITIVE, true).build();
    }

    /** A code (PIN, PUK, ADM) on its way out: a generic secret with the value given. */
    public Template newCode(MemorySegment value) {
        return secret(Ck.CKK_GENERIC_SECRET)
                .and(HIDDEN)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .with(Cka.VALUE, value)
                .build();
    }

    /** An OPc with the value given, on its way out. */
    public Template newOpc(MemorySegment value) {
        return opc().with(Cka.SENSITIVE, true).with(Cka.VALUE, value).build();
    }

    /** A TOPc with the value given, of a card whose network computes on the guarded host. */
    public Template newReadableOpc(MemorySegment value) {
        return opc().with(Cka.SENSITIVE, false).with(Cka.VALUE, value).build();
    }

    /** An OPc, or a Ki of the guarded host, that arrived under a transport key, on its way under a host storage key. */
    public Template arrivingOpc() {
        return opc().with(Cka.SENSITIVE, true).build();
    }

    /** An OPc, an OP or the Ki of a guarded-host subscriber, about to be read into memory that is wiped. */
    public Template readableByHost() {
        return opc().with(Cka.SENSITIVE, false).build();
    }

    /** An OPc key that is made, on its way under a host storage key. */
    Template newOpcKey() {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .with(Cka.VALUE_LEN, (long) STORAGE_KEY_OCTETS)
                .build();
    }

    /** An OPc key in use: encrypts and decrypts blocks, never leaves. */
    Template opcKeyInUse() {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Cka.ENCRYPT, Cka.DECRYPT))
                .build();
    }

    /** A Ki in use: encrypts blocks, never leaves. */
    Template subscriberKeyInUse() {
        return secret(Ck.CKK_AES)
                .and(HIDDEN)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Cka.ENCRYPT))
                .build();
    }

    /** A key of which check values are computed, destroyed at once. */
    Template checkValueKey(MemorySegment value) {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Cka.ENCRYPT, Cka.SIGN))
                .with(Cka.VALUE, value)
                .build();
    }

    /** A key that arrived for the host to read, of which check values are computed, destroyed at once. */
    public Template arrivingOnTrial() {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Cka.ENCRYPT, Cka.SIGN))
                .build();
    }

    /**
     * A key being made for a device that is in the field: hidden, but free to leave under a one-time key, which cannot be
     * TRUSTED since the user makes it. At rest it lies under {@code SK}, and what comes from there is bound to TRUSTED
     * keys like any other.
     *
     * @param rights of its own beside leaving: ENCRYPT for a Ki, which computes its OPc
     */
    public Template newDeviceKey(int octets, Cka... rights) {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, true)
                .and(only(rights))
                .with(Cka.VALUE_LEN, (long) octets)
                .build();
    }

    /** A 3DES key for a device that is in the field, as {@link #newDeviceKey}. */
    public Template newDeviceDesKey(boolean threeKeys) {
        return secret(threeKeys ? Ck.CKK_DES3 : Ck.CKK_DES2)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .build();
    }

    /**
     * A code with the value given that may leave under keys which are not TRUSTED: under a one-time key for a device, as
     * {@link #newDeviceKey}, or under the host storage key, for a file that has it in the clear.
     */
    public Template newUnboundCode(MemorySegment value) {
        return secret(Ck.CKK_GENERIC_SECRET)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .with(Cka.VALUE, value)
                .build();
    }

    /** A one-time key that was agreed outside the token: wraps, and ends with its use. */
    Template oneTimeKey(MemorySegment value) {
        return oneTimeKeyThatStays().with(Cka.VALUE, value).build();
    }

    /** A one-time key that the token derives. */
    Template derivedOneTimeKey() {
        return oneTimeKeyThatStays()
                .with(Cka.VALUE_LEN, (long) AgreementInfo.KEY_OCTETS)
                .build();
    }

    private Template.Builder oneTimeKeyThatStays() {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Cka.WRAP));
    }

    /** A one-time key that leaves once, under the device's RSA key. */
    Template generatedOneTimeKey() {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, true)
                .and(only(Cka.WRAP))
                .with(Cka.VALUE_LEN, (long) AgreementInfo.KEY_OCTETS)
                .build();
    }

    /** A device's RSA public key, of the session: one-time keys leave under it. */
    static Template devicePublicKey(byte[] modulus, byte[] exponent) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_PUBLIC_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_RSA)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.WRAP, true)
                .with(Cka.ENCRYPT, false)
                .with(Cka.VERIFY, false)
                .with(Cka.MODULUS, modulus)
                .with(Cka.PUBLIC_EXPONENT, exponent)
                .build();
    }

    /** A published example key for self-tests; nothing about it is secret. */
    public Template publishedExample(MemorySegment value, Cka... rights) {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only(rights))
                .with(Cka.VALUE, value)
                .build();
    }

    /** A published example that comes out of a published wrapping, to be compared with the standard. */
    public Template unwrappedPublishedExample() {
        return secret(Ck.CKK_GENERIC_SECRET)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only())
                .build();
    }

    /** A published example of a P-256 private key, which derives. */
    public Template publishedPrivateExample(MemorySegment value) {
        return publishedPrivateExample(Ck.CKK_EC, P256, value);
    }

    /** A published example of a private key that derives, on a curve as the token names it. */
    public Template publishedPrivateExample(long keyType, byte[] parameters, MemorySegment value) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_PRIVATE_KEY)
                .with(Cka.KEY_TYPE, keyType)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, true)
                .with(Cka.SENSITIVE, true)
                .with(Cka.DERIVE, true)
                .with(Cka.SIGN, false)
                .with(Cka.DECRYPT, false)
                .with(Cka.UNWRAP, false)
                .with(Cka.EC_PARAMS, parameters)
                .with(Cka.VALUE, value)
                .build();
    }

    /** A published shared secret of {@code octets}, to be compared with the standard. */
    public Template derivedPublishedExample(int octets) {
        return unwrappedPublishedExample().toBuilder()
                .with(Cka.VALUE_LEN, (long) octets)
                .build();
    }

    private Template.Builder exportable(Cka... rights) {
        return secret(Ck.CKK_AES).and(HIDDEN).with(Cka.EXTRACTABLE, true).and(only(rights));
    }

    private Template.Builder opc() {
        return secret(Ck.CKK_GENERIC_SECRET).with(Cka.EXTRACTABLE, true).and(only());
    }

    private Template.Builder secret(long keyType) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, keyType)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, privateSessionObjects);
    }

    private static Template.Builder aes() {
        return Template.builder().with(Cka.CLASS, Ck.CKO_SECRET_KEY).with(Cka.KEY_TYPE, Ck.CKK_AES);
    }

    private static Template.Builder lockedTokenKey(String label) {
        return aes().with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false);
    }

    private static Template forced() {
        Template.Builder template = HIDDEN.toBuilder().with(Cka.KEY_TYPE, Ck.CKK_AES);
        ALL_RIGHTS.stream().filter(right -> right != Cka.ENCRYPT).forEach(right -> template.with(right, false));
        return template.build();
    }

    private static Template only(Cka... rights) {
        return only(Set.of(rights));
    }

    /** The rights given and, spelt out because tokens grant some by default, no other. */
    private static Template only(Set<Cka> rights) {
        Template.Builder template = Template.builder();
        for (Cka right : ALL_RIGHTS) {
            template.with(right, rights.contains(right));
        }
        return template.build();
    }
}
