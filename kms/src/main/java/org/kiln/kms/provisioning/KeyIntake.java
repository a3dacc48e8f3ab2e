package org.kiln.kms.provisioning;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Collectors;
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
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;

/** Takes a subscriber's keys from under a transport key to under the storage keys, inside the token. */
final class KeyIntake {

    private final Map<String, TransportKey> incoming;
    private final LocalDate today;
    private final KeyRing ring;
    private final StorageKeys storageKeys;
    private final TokenProfile profile;
    private final Template arrivingKi;
    private final Template arrivingOpc;

    KeyIntake(KeyRing ring, StorageKeys storageKeys, TransportKeyRegister register, TokenProfile profile) {
        incoming = register.list().stream()
                .filter(key -> key.direction() == Direction.INCOMING)
                .collect(Collectors.toUnmodifiableMap(TransportKey::label, key -> key));
        this.ring = ring;
        this.storageKeys = storageKeys;
        this.profile = profile;
        today = LocalDate.now(ZoneOffset.UTC);
        KeyPolicy policy = new KeyPolicy(profile.privateSessionObjects());
        arrivingKi = policy.arrivingSubscriberKey();
        arrivingOpc = policy.arrivingOpc();
    }

    /** @throws LoadFileException if the transport key is unknown or a key does not unwrap under it */
    Subscriber take(Session session, LoadRow row) {
        requireUsable(row);
        long transportKey = ring.secretKey(session, row.transportKey());
        long opcKey = ring.secretKey(session, KeyLabels.opcOf(row.transportKey()));
        long ki = unwrap(session, row, "eki", transportKey, row.eki(), arrivingKi);
        WrappedKey storedKi;
        try {
            requireCheckValue(session, row, ki);
            storedKi = storageKeys.hide(session, ki);
        } finally {
            session.destroyObject(ki);
        }
        long opc = unwrap(session, row, "eopc", opcKey, row.eopc(), arrivingOpc);
        WrappedKey storedOpc;
        try {
            storedOpc = storageKeys.shelve(session, opc);
        } finally {
            session.destroyObject(opc);
        }
        SqnState sqn = SqnState.after(row.sqn(), row.sqnScheme(), new Sqn(row.indLength()), SeqClock.systemTenths());
        return new Subscriber(row.supi(), row.algorithm(), storedKi, storedOpc, row.amf(), sqn);
    }

    private void requireUsable(LoadRow row) {
        TransportKey key = incoming.get(row.transportKey());
        if (key == null) {
            throw new LoadFileException(
                    row.line(),
                    "transportKey",
                    "no incoming transport key has this label; import it with 'kiln transport-key import'");
        }
        key.refusal(today).ifPresent(why -> {
            throw new LoadFileException(row.line(), "transportKey", why);
        });
    }

    private static void requireCheckValue(Session session, LoadRow row, long ki) {
        String found;
        try {
            found = CheckValues.ofArrived(session, ki);
        } catch (Pkcs11Exception e) {
            if (e.ckr().kind() == Ckr.Kind.SESSION) {
                throw e;
            }
            throw new LoadFileException(row.line(), "eki", "what unwraps is no AES key of 16 octets");
        }
        if (!row.kcv().isEmpty() && !found.equals(row.kcv())) {
            throw new LoadFileException(
                    row.line(), "kcv", "the Ki has the check value " + found + ", not " + row.kcv());
        }
    }

    private long unwrap(
            Session session, LoadRow row, String column, long transportKey, byte[] wrapped, Template template) {
        Mechanism mechanism = switch (row.wrapping()) {
            case AES_KW -> profile.aesKeyUnwrap();
            case AES_KWP -> profile.aesKeyUnwrapPadded();
        };
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped);
            return session.unwrapKey(mechanism, transportKey, in, wrapped.length, template);
        } catch (Pkcs11Exception e) {
            if (e.ckr().kind() != Ckr.Kind.REQUEST && e.ckr() != Ckr.GENERAL_ERROR && e.ckr() != Ckr.FUNCTION_FAILED) {
                throw e;
            }
            throw new LoadFileException(
                    row.line(),
                    column,
                    "does not unwrap under transport key '" + row.transportKey()
                            + "': another key or another wrapping was used, or the value is damaged");
        }
    }
}
