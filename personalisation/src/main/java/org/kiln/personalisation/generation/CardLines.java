package org.kiln.personalisation.generation;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.personalisation.order.CardNumbers;
import org.kiln.personalisation.order.MadeCard;
import org.kiln.personalisation.output.CardColumns;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.Keyset;
import org.kiln.pkcs11.Session;
import org.kiln.transfer.batch.Column;

/**
 * The lines of one card in all files of its order, being filled: each secret is wrapped for everybody who gets it, and for
 * the operator where he retains it, while it is an object of the session.
 */
public final class CardLines {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final CardProfile profile;
    private final StorageKeys storage;
    private final List<CardLine.Filling> fillings;
    private final Map<String, String> operatorKeys = new LinkedHashMap<>();

    CardLines(CardProfile profile, StorageKeys storage, List<CardLine.Filling> fillings) {
        this.profile = profile;
        this.storage = storage;
        this.fillings = fillings;
    }

    /** Its numbers. */
    public void numbers(CardNumbers.Of numbers) {
        text(CardColumns.ICCID, numbers.iccid().digits());
        text(CardColumns.IMSI, numbers.imsi().digits());
        text(CardColumns.ACC, numbers.imsi().accessControl());
        if (numbers.msisdn() != null) {
            text(CardColumns.MSISDN, numbers.msisdn().digits());
        }
        if (numbers.eid() != null) {
            text(CardColumns.EID, numbers.eid().digits());
        }
    }

    /** What its profile says of authentication. */
    public void authentication() {
        Authentication authentication = profile.authentication();
        Authentication.SequenceNumbers sqn = authentication.sequences();
        text(CardColumns.ALGORITHM, authentication.algorithm());
        text(CardColumns.AMF, HEX.toHexDigits((short) authentication.amfValue()));
        text(CardColumns.SQN_SCHEME, sqn.scheme().name());
        text(CardColumns.IND_LENGTH, String.valueOf(sqn.indLength()));
        text(CardColumns.SQN_DELTA, String.valueOf(sqn.delta()));
        text(CardColumns.SQN_AGE_LIMIT, String.valueOf(sqn.ageLimit()));
    }

    /** That a PIN is not asked for. */
    public void disabled(String pin) {
        text(pin + CardColumns.STATE_SUFFIX, "DISABLED");
    }

    /** Where the counter of a keyset begins, if its channel has one. */
    public void counter(Keyset keyset) {
        if (keyset.channel() == Keyset.Channel.SCP80) {
            long counter = keyset.counter() == null ? 0 : keyset.counter();
            text(keyset.counterName(), HEX.toHexDigits(counter, 10));
        }
    }

    /** How the card names its PSK, if its profile says so. */
    public void pskIdentity(Keyset keyset, CardNumbers.Of numbers) {
        keyset.pskIdentityOf(
                        numbers.iccid().digits(),
                        numbers.eid() == null ? null : numbers.eid().digits())
                .ifPresent(identity -> text(keyset.pskIdentityName(), identity));
    }

    /** The check value of a key. */
    public void checkValue(String name, String value) {
        text(name + Column.KCV_SUFFIX, value);
    }

    private void text(String name, String value) {
        fillings.forEach(line -> line.clear(name, value));
    }

    /**
     * A secret of the card.
     *
     * @param name as files call it
     * @param object it, in the session; it must be fit to leave under transport keys
     */
    public void secret(Session session, String name, long object) {
        fillings.forEach(line -> line.secret(session, name, object, profile.octetsOf(name)));
        if (profile.retain().contains(name)) {
            WrappedKey kept = storage.hide(session, object);
            operatorKeys.put(name, kept.keyLabel() + ":" + HEX.formatHex(kept.blob()));
        }
    }

    /** The card, whose secrets have all been given. */
    public MadeCard card(int position, CardNumbers.Of numbers) {
        fillings.forEach(line -> line.profileElements(profile));
        Map<String, Map<String, String>> rows = new HashMap<>();
        fillings.forEach(line -> rows.put(line.partner(), line.values()));
        return new MadeCard(
                position,
                numbers.iccid().digits(),
                numbers.imsi().digits(),
                numbers.msisdn() == null ? null : numbers.msisdn().digits(),
                numbers.eid() == null ? null : numbers.eid().digits(),
                rows,
                operatorKeys);
    }
}
