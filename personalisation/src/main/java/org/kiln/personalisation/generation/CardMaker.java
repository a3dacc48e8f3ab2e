package org.kiln.personalisation.generation;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.kiln.kms.keys.CheckValues;
import org.kiln.kms.keys.DiversificationMasters;
import org.kiln.kms.keys.KeyPolicy;
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
import org.kiln.transfer.numbering.Iccid;

/**
 * Makes the secrets of one card in the token and wraps each for everybody who gets it. Keys exist as session objects for
 * the time of a few calls; codes and OPc pass through native memory that is wiped.
 */
final class CardMaker {

    private final CardProfile profile;
    private final KeyPolicy policy;
    private final KeysetKeyMaker keysetKeys;
    private final SubscriberKeyMaker subscriberKeys;
    private final OrderLines lines;
    private final Optional<DiversificationMasters> masters;
    private final CodeMaker codes;

    /** A card and its subscriber, who waits in the AuC until it is delivered. */
    record Made(MadeCard card, Subscriber subscriber) {}

    CardMaker(
            CardProfile profile,
            boolean privateSessionObjects,
            SubscriberKeyMaker subscriberKeys,
            OrderLines lines,
            Optional<DiversificationMasters> masters) {
        this.profile = profile;
        this.subscriberKeys = subscriberKeys;
        this.lines = lines;
        this.masters = masters;
        policy = new KeyPolicy(privateSessionObjects);
        keysetKeys = new KeysetKeyMaker(policy, Leaving.UNDER_TRUSTED_KEYS);
        codes = new CodeMaker(policy, Leaving.UNDER_TRUSTED_KEYS);
    }

    Made make(Session session, int position, CardNumbers.Of numbers) {
        Card card = new Card(session, numbers.iccid());
        card.lines.numbers(numbers);
        Subscriber subscriber = card.authentication(numbers);
        profile.codesInOrder().forEach(card::code);
        profile.keysets().forEach(card::keyset);
        return new Made(card.lines.card(position, numbers), subscriber);
    }

    /** One card on the bench. */
    private final class Card {

        private final Session session;
        private final Iccid iccid;
        private final CardLines lines = CardMaker.this.lines.begin();

        Card(Session session, Iccid iccid) {
            this.session = session;
            this.iccid = iccid;
        }

        Subscriber authentication(CardNumbers.Of numbers) {
            Authentication authentication = profile.authentication();
            Authentication.SequenceNumbers sqn = authentication.sequences();
            lines.authentication();
            SubscriberKeyMaker.Stored stored = subscriberKeys.make(session, new SubscriberKeyMaker.Sight() {
                @Override
                public void ki(long object) {
                    lines.secret(session, CardColumns.KI, object);
                    lines.checkValue(CardColumns.KI, CheckValues.zeroBlock(session, object));
                }

                @Override
                public void opc(long object) {
                    lines.secret(session, CardColumns.nameOfOpc(authentication.parsedAlgorithm()), object);
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
                lines.disabled(name);
                return;
            }
            long code = CardMaker.this.lines.wantInTheClear(name)
                    ? codes.makeForClearFile(session, rule)
                    : codes.make(session, rule);
            try {
                lines.secret(session, name, code);
            } finally {
                session.destroyObject(code);
            }
        }

        void keyset(Keyset keyset) {
            lines.counter(keyset);
            int place = 0;
            for (String name : keyset.keyNames()) {
                long key = newKey(keyset, name, ++place);
                try {
                    lines.secret(session, name, key);
                    lines.checkValue(name, KeysetKeyMaker.checkValue(session, keyset, key));
                } finally {
                    session.destroyObject(key);
                }
            }
        }

        private long newKey(Keyset keyset, String name, int place) {
            String master = keyset.diversifiedFrom();
            boolean readable = CardMaker.this.lines.wantInKeyBlocks(name);
            if (master == null) {
                return readable ? keysetKeys.makeReadable(session, keyset) : keysetKeys.make(session, keyset);
            }
            try (Secret derived = Secret.ofSize(keyset.algorithm().octets())) {
                MemorySegment value = derived.expose(SecretAccess.granted());
                masters.orElseThrow(() -> new IllegalStateException("there is no token with masters"))
                        .derive(master, DerivationData.of(iccid, keyset, place), value);
                Cka[] rights = KeysetKeyMaker.rights(keyset);
                return session.createObject(
                        readable ? policy.derivedReadableCardKey(value, rights) : policy.derivedCardKey(value, rights));
            }
        }
    }
}
