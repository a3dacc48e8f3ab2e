package org.kiln.kms.provisioning;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.keys.CheckValues;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.subscriber.Engine;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenProfile;

/**
 * Takes a subscriber's keys from under a transport key to under the storage keys, inside the token. A Ki that the host
 * will compute with comes under the transport key's second object, as OPc does, and goes under the host storage key.
 */
final class KeyIntake {

    private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final TransportKeyRegister register;
    private volatile Incoming incoming;
    private final KeyRing ring;
    private final StorageKeys storageKeys;
    private final EngineChoice engines;
    private final KeyPolicy policy;
    private final ArrivingKeys arriving;
    private final OpcIntake opcs;

    KeyIntake(
            KeyRing ring,
            StorageKeys storageKeys,
            TransportKeyRegister register,
            TokenProfile profile,
            EngineChoice engines) {
        this.register = register;
        incoming = read();
        this.ring = ring;
        this.storageKeys = storageKeys;
        this.engines = engines;
        policy = new KeyPolicy(profile.privateSessionObjects());
        arriving = new ArrivingKeys(profile);
        opcs = new OpcIntake(storageKeys, profile, policy, arriving);
    }

    /** The incoming keys as the register had them a moment ago, and the day. */
    private record Incoming(Map<String, TransportKey> keys, LocalDate today, long readAt) {}

    private Incoming read() {
        long now = System.nanoTime();
        return new Incoming(
                register.list().stream()
                        .filter(key -> key.direction() == Direction.INCOMING)
                        .collect(Collectors.toUnmodifiableMap(TransportKey::label, key -> key)),
                LocalDate.now(ZoneOffset.UTC),
                now);
    }

    private Incoming incoming() {
        Incoming known = incoming;
        if (System.nanoTime() - known.readAt > KNOWN_NANOS) {
            known = read();
            incoming = known;
        }
        return known;
    }

    /** @throws LoadFileException if the transport key is unknown or a key does not unwrap under it */
    Subscriber take(Session session, LoadRow row) {
        requireUsable(row);
        long transportKey = ring.secretKey(session, row.transportKey());
        long readingKey = ring.secretKey(session, KeyLabels.opcOf(row.transportKey()));
        boolean onHost = engines.forNew(row.algorithm()) == Engine.GUARDED_HOST;
        WrappedKey ki;
        WrappedKey opc;
        if (onHost) {
            long onTrial = arriving.unwrap(session, row, "eki", readingKey, row.eki(), policy.arrivingOnTrial());
            try {
                requireCheckValue(session, row, onTrial);
            } finally {
                session.destroyObject(onTrial);
            }
            ki = shelved(session, row, readingKey);
            opc = opcs.onHost(session, row, readingKey);
        } else {
            long arrived =
                    arriving.unwrap(session, row, "eki", transportKey, row.eki(), policy.arrivingSubscriberKey());
            try {
                requireCheckValue(session, row, arrived);
                ki = storageKeys.hide(session, arrived);
                opc = opcs.inToken(session, row, readingKey, arrived);
            } finally {
                session.destroyObject(arrived);
            }
        }
        requireKept(row, ki);
        SqnState sqn = SqnState.after(row.sqn(), row.sqnScheme(), new Sqn(row.indLength()), SeqClock.systemTenths());
        return new Subscriber(row.supi(), row.algorithm(), ki, opc, row.amf(), sqn)
                .withMethod(row.method())
                .withStatus(row.status());
    }

    private WrappedKey shelved(Session session, LoadRow row, long readingKey) {
        long ki = arriving.unwrap(session, row, "eki", readingKey, row.eki(), policy.arrivingOpc());
        try {
            return storageKeys.shelve(session, ki);
        } finally {
            session.destroyObject(ki);
        }
    }

    /** What was wrapped is what is stored: its length, which AES-KWP need not show before. */
    private static void requireKept(LoadRow row, WrappedKey ki) {
        try {
            row.algorithm().requireKeyOctets(ki.blob().length - 8);
        } catch (AkaException e) {
            throw new LoadFileException(row.line(), "eki", e);
        }
    }

    /** @throws LoadFileException if the row's transport key takes nothing today */
    void requireUsable(LoadRow row) {
        Incoming known = incoming();
        TransportKey key = known.keys.get(row.transportKey());
        if (key == null) {
            throw new LoadFileException(
                    row.line(),
                    "transportKey",
                    "no incoming transport key has this label; import it with 'kiln transport-key import'");
        }
        key.refusal(known.today).ifPresent(why -> {
            throw new LoadFileException(row.line(), "transportKey", why);
        });
    }

    private static void requireCheckValue(Session session, LoadRow row, long ki) {
        String found;
        try {
            found = CheckValues.ofArrived(session, ki);
        } catch (Pkcs11Exception e) {
            if (e.ckr().kind() != Ckr.Kind.REQUEST && e.ckr() != Ckr.GENERAL_ERROR && e.ckr() != Ckr.FUNCTION_FAILED) {
                throw e;
            }
            throw new LoadFileException(row.line(), "eki", "what unwraps is no AES key of 16 octets, nor of 32");
        }
        if (!row.kcv().isEmpty() && !found.equals(row.kcv())) {
            throw new LoadFileException(
                    row.line(), "kcv", "the Ki has the check value " + found + ", not " + row.kcv());
        }
    }
}
