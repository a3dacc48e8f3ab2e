package org.kiln.personalisation.generation;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.kiln.kms.aka.Opc;
import org.kiln.kms.keys.CheckValues;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.personalisation.order.MadeCard;
import org.kiln.personalisation.output.VendorColumns;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.CodeRule;
import org.kiln.personalisation.profile.OtaKeyset;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.numbering.Iccid;
import org.kiln.transfer.numbering.Imsi;

/**
 * Makes the keys of one card in the token and wraps each, for the vendor and for the operator. Keys exist as session
 * objects for the time of a few calls; codes and OPc pass through native memory that is wiped.
 */
final class CardMaker {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final Mechanism AES_KEY_GEN = Mechanism.of(Ckm.AES_KEY_GEN);
    private static final int KI_OCTETS = 16;

    /** A card and its subscriber, who enters the AuC with it. */
    record Made(MadeCard card, Subscriber subscriber) {}

    private final CardProfile profile;
    private final TokenProfile token;
    private final StorageKeys storage;
    private final KeyPolicy policy;
    private final long vendorKey;
    private final MemorySegment op;
    private final Template subscriberKey;
    private final CodeMaker codes = new CodeMaker();

    /**
     * @param vendorKey handle of the vendor's transport key
     * @param op the operator's OP, 16 octets; the caller wipes it when no more cards are made
     */
    CardMaker(CardProfile profile, TokenProfile token, StorageKeys storage, long vendorKey, MemorySegment op) {
        this.profile = profile;
        this.token = token;
        this.storage = storage;
        this.vendorKey = vendorKey;
        this.op = op;
        policy = new KeyPolicy(token.privateSessionObjects());
        subscriberKey = policy.newSubscriberKey(KI_OCTETS);
    }

    Made make(Session session, int position, Iccid iccid, Imsi imsi) {
        Card card = new Card(session);
        Subscriber subscriber = card.authentication(imsi);
        profile.codesInOrder().forEach((code, rule) -> card.code(code.name(), rule));
        for (OtaKeyset keyset : profile.otaKeysets()) {
            Template template = policy.newCardKey(keyset.algorithm().octets());
            for (String column : VendorColumns.of(keyset)) {
                card.otaKey(column, template);
            }
        }
        card.vendorRow.put(VendorColumns.ICCID, iccid.digits());
        card.vendorRow.put(VendorColumns.IMSI, imsi.digits());
        card.vendorRow.put(VendorColumns.ALGORITHM, Algorithm.Milenage.STANDARD.label());
        return new Made(
                new MadeCard(position, iccid.digits(), imsi.digits(), card.vendorRow, card.operatorKeys), subscriber);
    }

    /** One card on the bench. */
    private final class Card {

        private final Session session;
        private final Map<String, String> vendorRow = new LinkedHashMap<>();
        private final Map<String, String> operatorKeys = new LinkedHashMap<>();

        Card(Session session) {
            this.session = session;
        }

        Subscriber authentication(Imsi imsi) {
            long ki = session.generateKey(AES_KEY_GEN, subscriberKey);
            try (Arena arena = Arena.ofConfined()) {
                WrappedKey storedKi = storage.hide(session, ki);
                forVendor(VendorColumns.KI, ki);
                checkValue(VendorColumns.KI, ki);
                MemorySegment opc = arena.allocate(16, 8);
                try {
                    Opc.compute((in, length, out) -> session.encrypt(token.aesEcb(), ki, in, length, out), op, opc);
                    WrappedKey storedOpc = shelve(opc);
                    return subscriber(imsi, storedKi, storedOpc);
                } finally {
                    opc.fill((byte) 0);
                }
            } finally {
                session.destroyObject(ki);
            }
        }

        private WrappedKey shelve(MemorySegment opc) {
            long object = session.createObject(policy.newOpc(opc));
            try {
                forVendor(VendorColumns.OPC, object);
                return storage.shelve(session, object);
            } finally {
                session.destroyObject(object);
            }
        }

        private Subscriber subscriber(Imsi imsi, WrappedKey ki, WrappedKey opc) {
            SqnState sqn = SqnState.after(0, SqnScheme.TIME_BASED, Sqn.USUAL, SeqClock.systemTenths());
            return new Subscriber(imsi.asSupi(), Algorithm.Milenage.STANDARD, ki, opc, profile.amfValue(), sqn);
        }

        void code(String column, CodeRule rule) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment value = arena.allocate(CodeRule.OCTETS);
                try {
                    codes.make(session, rule, value);
                    long object = session.createObject(policy.newCode(value));
                    try {
                        forVendor(column, object);
                        forOperator(column, object);
                    } finally {
                        session.destroyObject(object);
                    }
                } finally {
                    value.fill((byte) 0);
                }
            }
        }

        void otaKey(String column, Template template) {
            long key = session.generateKey(AES_KEY_GEN, template);
            try {
                forVendor(column, key);
                checkValue(column, key);
                forOperator(column, key);
            } finally {
                session.destroyObject(key);
            }
        }

        private void forVendor(String column, long key) {
            vendorRow.put(column, HEX.formatHex(storage.wrapUnder(session, vendorKey, key)));
        }

        private void forOperator(String column, long key) {
            WrappedKey kept = storage.hide(session, key);
            operatorKeys.put(column, kept.keyLabel() + ":" + HEX.formatHex(kept.blob()));
        }

        private void checkValue(String column, long key) {
            vendorRow.put(VendorColumns.kcvOf(column), CheckValues.zeroBlock(session, key));
        }
    }
}
