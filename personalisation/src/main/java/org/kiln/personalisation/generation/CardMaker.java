package org.kiln.personalisation.generation;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.kiln.kms.keys.CheckValues;
import org.kiln.kms.keys.DiversificationMasters;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.personalisation.order.CardNumbers;
import org.kiln.personalisation.order.MadeCard;
import org.kiln.personalisation.output.CardColumns;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.CodeRule;
import org.kiln.personalisation.profile.Keyset;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.numbering.Iccid;

/**
 * Makes the secrets of one card in the token and wraps each for everybody who gets it. Keys exist as session objects for
 * the time of a few calls; codes and OPc pass through native memory that is wiped.
 */
final class CardMaker {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final CardProfile profile;
    private final StorageKeys storage;
    private final KeyPolicy policy;
    private final KeysetKeyMaker keysetKeys;
    private final SubscriberKeyMaker subscriberKeys;
    private final List<CardLine> lines;
    private final Set<String> retained;
    private final Optional<DiversificationMasters> masters;
    private final CodeMaker codes = new CodeMaker();

    /** A card and its subscriber, who waits in the AuC until it is delivered. */
    record Made(MadeCard card, Subscriber subscriber) {}

    CardMaker(
            CardProfile profile,
            boolean privateSessionObjects,
            StorageKeys storage,
            SubscriberKeyMaker subscriberKeys,
            List<CardLine> lines,
            Optional<DiversificationMasters> masters) {
        this.profile = profile;
        this.storage = storage;
        this.subscriberKeys = subscriberKeys;
        this.lines = lines;
        this.masters = masters;
        retained = Set.copyOf(profile.retain());
        policy = new KeyPolicy(privateSessionObjects);
        keysetKeys = new KeysetKeyMaker(policy, Leaving.UNDER_TRUSTED_KEYS);
    }

    Made make(Session session, int position, CardNumbers.Of numbers) {
        Card card = new Card(session, numbers.iccid());
        card.numbers(numbers);
        Subscriber subscriber = card.authentication(numbers);
        profile.codesInOrder().forEach(card::code);
        profile.keysets().forEach(card::keyset);
        card.fillings.forEach(line -> line.profileElements(profile));
        Map<String, Map<String, String>> rows = new HashMap<>();
        card.fillings.forEach(line -> rows.put(line.partner(), line.values()));
        MadeCard made = new MadeCard(
                position,
                numbers.iccid().digits(),
                numbers.imsi().digits(),
                numbers.msisdn() == null ? null : numbers.msisdn().digits(),
                numbers.eid() == null ? null : numbers.eid().digits(),
                rows,
                card.operatorKeys);
        return new Made(made, subscriber);
    }

    /** One card on the bench. */
    private final class Card {

        private final Session session;
        private final Iccid iccid;
        private final List<CardLine.Filling> fillings = new ArrayList<>();
        private final Map<String, String> operatorKeys = new LinkedHashMap<>();

        Card(Session session, Iccid iccid) {
            this.session = session;
            this.iccid = iccid;
            lines.forEach(line -> fillings.add(line.begin()));
        }

        void numbers(CardNumbers.Of numbers) {
            clear(CardColumns.ICCID, numbers.iccid().digits());
            clear(CardColumns.IMSI, numbers.imsi().digits());
            clear(CardColumns.ACC, numbers.imsi().accessControl());
            if (numbers.msisdn() != null) {
                clear(CardColumns.MSISDN, numbers.msisdn().digits());
            }
            if (numbers.eid() != null) {
                clear(CardColumns.EID, numbers.eid().digits());
            }
        }

        Subscriber authentication(CardNumbers.Of numbers) {
            Authentication authentication = profile.authentication();
            Authentication.SequenceNumbers sqn = authentication.sequences();
            clear(CardColumns.ALGORITHM, authentication.algorithm());
            clear(CardColumns.AMF, HEX.toHexDigits((short) authentication.amfValue()));
            clear(CardColumns.SQN_SCHEME, sqn.scheme().name());
            clear(CardColumns.IND_LENGTH, String.valueOf(sqn.indLength()));
            clear(CardColumns.SQN_DELTA, String.valueOf(sqn.delta()));
            clear(CardColumns.SQN_AGE_LIMIT, String.valueOf(sqn.ageLimit()));
            SubscriberKeyMaker.Stored stored = subscriberKeys.make(session, new SubscriberKeyMaker.Sight() {
                @Override
                public void ki(long object) {
                    wrap(CardColumns.KI, object);
                    clear(CardColumns.KI + Column.KCV_SUFFIX, CheckValues.zeroBlock(session, object));
                }

                @Override
                public void opc(long object) {
                    wrap(CardColumns.nameOfOpc(authentication.parsedAlgorithm()), object);
                }
            });
            SqnState state = SqnState.after(0, sqn.scheme(), new Sqn(sqn.indLength()), SeqClock.systemTenths());
            return new Subscriber(
                            numbers.imsi().asSupi(),
                            authentication.parsedAlgorithm(),
                            stored.ki(),
                            stored.opc(),
                            authentication.amfValue(),
                            state)
                    .withStatus(SubscriberStatus.PENDING);
        }

        void code(String name, CodeRule rule) {
            if (rule instanceof CodeRule.Disabled) {
                clear(name + CardColumns.STATE_SUFFIX, "DISABLED");
                return;
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment value = arena.allocate(CodeRule.OCTETS);
                try {
                    codes.make(session, rule, value);
                    long object = session.createObject(policy.newCode(value));
                    try {
                        wrap(name, object);
                        retain(name, object);
                    } finally {
                        session.destroyObject(object);
                    }
                } finally {
                    value.fill((byte) 0);
                }
            }
        }

        void keyset(Keyset keyset) {
            if (keyset.channel() == Keyset.Channel.SCP80) {
                long counter = keyset.counter() == null ? 0 : keyset.counter();
                clear(keyset.counterName(), HEX.toHexDigits(counter, 10));
            }
            int place = 0;
            for (String name : keyset.keyNames()) {
                long key = newKey(keyset, ++place);
                try {
                    wrap(name, key);
                    clear(name + Column.KCV_SUFFIX, KeysetKeyMaker.checkValue(session, keyset, key));
                    retain(name, key);
                } finally {
                    session.destroyObject(key);
                }
            }
        }

        private long newKey(Keyset keyset, int place) {
            String master = keyset.diversifiedFrom();
            if (master == null) {
                return keysetKeys.make(session, keyset);
            }
            try (Secret derived = Secret.ofSize(keyset.algorithm().octets())) {
                MemorySegment value = derived.expose(SecretAccess.granted());
                masters.orElseThrow(() -> new IllegalStateException("there is no token with masters"))
                        .derive(master, DerivationData.of(iccid, keyset, place), value);
                return session.createObject(policy.derivedCardKey(value, rights(keyset.kcvConvention())));
            }
        }

        private void clear(String name, String value) {
            fillings.forEach(line -> line.clear(name, value));
        }

        private void wrap(String name, long object) {
            fillings.forEach(line -> line.secret(session, name, object, profile.octetsOf(name)));
        }

        private void retain(String name, long object) {
            if (retained.contains(name)) {
                WrappedKey kept = storage.hide(session, object);
                operatorKeys.put(name, kept.keyLabel() + ":" + HEX.formatHex(kept.blob()));
            }
        }
    }

    /** What a key must be able to do for its check value. */
    private static Cka[] rights(KcvConvention convention) {
        return switch (convention) {
            case ZERO_BLOCK -> new Cka[0];
            case GLOBALPLATFORM_AES -> new Cka[] {Cka.ENCRYPT};
            case CMAC -> new Cka[] {Cka.SIGN};
        };
    }
}
