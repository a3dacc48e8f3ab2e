package org.kiln.personalisation.identity;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.kiln.kms.keys.CheckValues;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.subscriber.Engine;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.personalisation.generation.CodeMaker;
import org.kiln.personalisation.generation.KeysetKeyMaker;
import org.kiln.personalisation.generation.Leaving;
import org.kiln.personalisation.generation.SubscriberKeyMaker;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.CodeRule;
import org.kiln.personalisation.profile.Keyset;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenProfile;

/** Makes the keys and codes of one identity in the token: each is wrapped for whoever gets it, stored, and destroyed. */
final class CredentialMaker {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final String KI = "KI";
    private static final String OPC = "OPC";

    private final CardProfile profile;
    private final Engine engine;
    private final TokenProfile token;
    private final StorageKeys storage;
    private final Leaving leaving;

    CredentialMaker(CardProfile profile, Engine engine, TokenProfile token, StorageKeys storage, Leaving leaving) {
        this.profile = profile;
        this.engine = engine;
        this.token = token;
        this.storage = storage;
        this.leaving = leaving;
    }

    /** Wraps a key of the session for whoever gets it. */
    @FunctionalInterface
    interface Wrapping {
        byte[] wrap(long key);
    }

    /**
     * What was made.
     *
     * @param subscriber waits in the AuC until the device has confirmed
     * @param retained what the profile lets the operator keep, wrapped under a storage key
     */
    record Made(
            Map<String, String> keys,
            Map<String, String> checkValues,
            Map<String, String> counters,
            Map<String, WrappedKey> retained,
            Subscriber subscriber) {}

    /** @param operatorConstant OP or TOP off the heap; empty where the algorithm has none */
    Made make(Session session, Issue issue, MemorySegment operatorConstant, Wrapping wrapping) {
        Map<String, String> keys = new LinkedHashMap<>();
        Map<String, String> checkValues = new TreeMap<>();
        Authentication authentication = profile.authentication();
        SubscriberKeyMaker.Stored stored = new SubscriberKeyMaker(
                        authentication, engine, token, storage, operatorConstant, leaving)
                .make(session, new SubscriberKeyMaker.Sight() {
                    @Override
                    public void ki(long object) {
                        keys.put(KI, HEX.formatHex(wrapping.wrap(object)));
                        checkValues.put(KI, CheckValues.zeroBlock(session, object));
                    }

                    @Override
                    public void opc(long object) {
                        keys.put(OPC, HEX.formatHex(wrapping.wrap(object)));
                    }
                });
        Map<String, String> counters = new TreeMap<>();
        Map<String, WrappedKey> retained = new LinkedHashMap<>();
        makeCodes(session, wrapping, keys, retained);
        for (Keyset keyset : profile.keysets()) {
            if (keyset.channel() == Keyset.Channel.SCP80) {
                long counter = keyset.counter() == null ? 0 : keyset.counter();
                counters.put(keyset.counterName(), HEX.toHexDigits(counter, 10));
            }
            makeKeyset(session, keyset, wrapping, keys, checkValues, retained);
        }
        return new Made(keys, checkValues, counters, retained, subscriber(issue, stored));
    }

    private void makeCodes(
            Session session, Wrapping wrapping, Map<String, String> keys, Map<String, WrappedKey> retained) {
        CodeMaker maker = new CodeMaker(new KeyPolicy(token.privateSessionObjects()), leaving);
        profile.codesInOrder().forEach((name, rule) -> {
            if (rule instanceof CodeRule.Disabled) {
                return;
            }
            long code = maker.make(session, rule);
            try {
                keys.put(name, HEX.formatHex(wrapping.wrap(code)));
                retain(session, name, code, retained);
            } finally {
                session.destroyObject(code);
            }
        });
    }

    private void retain(Session session, String name, long object, Map<String, WrappedKey> retained) {
        if (profile.retain().contains(name)) {
            retained.put(name, storage.hide(session, object));
        }
    }

    private void makeKeyset(
            Session session,
            Keyset keyset,
            Wrapping wrapping,
            Map<String, String> keys,
            Map<String, String> checkValues,
            Map<String, WrappedKey> retained) {
        KeysetKeyMaker maker = new KeysetKeyMaker(new KeyPolicy(token.privateSessionObjects()), leaving);
        for (String name : keyset.keyNames()) {
            long key = maker.make(session, keyset);
            try {
                keys.put(name, HEX.formatHex(wrapping.wrap(key)));
                checkValues.put(name, KeysetKeyMaker.checkValue(session, keyset, key));
                retain(session, name, key, retained);
            } finally {
                session.destroyObject(key);
            }
        }
    }

    private Subscriber subscriber(Issue issue, SubscriberKeyMaker.Stored stored) {
        Authentication authentication = profile.authentication();
        Authentication.SequenceNumbers sqn = authentication.sequences();
        SqnState state = SqnState.after(0, sqn.scheme(), new Sqn(sqn.indLength()), SeqClock.systemTenths());
        return new Subscriber(
                        issue.supi(),
                        authentication.parsedAlgorithm(),
                        stored.ki(),
                        stored.opc(),
                        authentication.amfValue(),
                        state)
                .withStatus(SubscriberStatus.PENDING);
    }
}
